//! Futexes: threads that wait for a word to change.

use core::ptr;
use core::sync::atomic::AtomicU32;

use linux_raw_sys::general::{
    __NR_futex, __kernel_timespec, FUTEX_BITSET_MATCH_ANY, FUTEX_PRIVATE_FLAG, FUTEX_WAIT_BITSET, FUTEX_WAKE,
};

use super::syscall6;

/// Waits until somebody wakes the word, for as long as it has the value `expected`, and at most until
/// the monotonic clock shows `deadline` nanoseconds. May return early: the caller looks again.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Option<u64>) {
    let time = deadline.map(|deadline| __kernel_timespec {
        tv_sec: (deadline / 1_000_000_000) as _,
        tv_nsec: (deadline % 1_000_000_000) as _,
    });
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    let operation = (FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG) as usize;
    // SAFETY: the kernel reads the word and the time.
    unsafe {
        syscall6(
            __NR_futex,
            word.as_ptr() as usize,
            operation,
            expected as usize,
            time as usize,
            0,
            FUTEX_BITSET_MATCH_ANY as usize,
        );
    }
}

/// Wakes one thread that waits for the word. The word may be gone: it is only a name here.
pub fn wake_one(word: *const AtomicU32) {
    let operation = (FUTEX_WAKE | FUTEX_PRIVATE_FLAG) as usize;
    // SAFETY: the kernel takes the address for a key and accesses nothing.
    unsafe { syscall6(__NR_futex, word as usize, operation, 1, 0, 0, 0) };
}
