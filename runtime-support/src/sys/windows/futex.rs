//! Threads that wait for a word to change.

use core::ptr;
use core::sync::atomic::AtomicU32;

use super::api::{RtlWaitOnAddress, RtlWakeAddressSingle};
use super::clock::{Clock, now};

/// Waits until somebody wakes the word, for as long as it has the value `expected`, and at most until
/// the monotonic clock shows `deadline` nanoseconds. May return early: the caller looks again.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Option<u64>) {
    // In units of 100 ns; a negative time counts from now on.
    let time = deadline.map(|deadline| {
        let left = deadline.saturating_sub(now(Clock::Monotonic).unwrap_or(0));
        -(left.div_ceil(100) as i64)
    });
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: both words and the time live as long as the call.
    unsafe { RtlWaitOnAddress(word.as_ptr(), &raw const expected, size_of::<u32>(), time) };
}

/// Wakes one thread that waits for the word. The word may be gone: it is only a name here.
pub fn wake_one(word: *const AtomicU32) {
    // SAFETY: the system takes the address for a key and accesses nothing.
    unsafe { RtlWakeAddressSingle(word.cast()) };
}
