//! Futexes: threads that wait for a word to change, and a lock made of one.

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

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

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Taken, and others may be waiting.
const CONTENDED: u32 = 2;

/// A lock, after "mutex 2" of Drepper's "Futexes Are Tricky", that is released by whoever took it.
#[derive(Default)]
pub struct RawLock(AtomicU32);

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock(AtomicU32::new(FREE))
    }

    pub fn lock(&self) {
        if self.0.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_err() {
            while self.0.swap(CONTENDED, Ordering::Acquire) != FREE {
                wait(&self.0, CONTENDED, None);
            }
        }
    }

    pub fn unlock(&self) {
        if self.0.swap(FREE, Ordering::Release) == CONTENDED {
            wake_one(&self.0);
        }
    }
}

/// A lock that is released when what [`Lock::lock`] returns goes.
#[derive(Default)]
pub struct Lock(RawLock);

/// A lock that is held.
pub struct Held<'a>(&'a Lock);

impl Lock {
    pub const fn new() -> Lock {
        Lock(RawLock::new())
    }

    pub fn lock(&self) -> Held<'_> {
        self.0.lock();
        Held(self)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.unlock();
    }
}
