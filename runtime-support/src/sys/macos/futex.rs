//! Waiting for a word to change. Programs for this system have one thread: nobody else can change it.

use core::sync::atomic::AtomicU32;

use super::clock::{Clock, now, sleep};

/// Waits at most until the monotonic clock shows `deadline` nanoseconds. May return early: the caller looks again.
pub fn wait(_word: &AtomicU32, _expected: u32, deadline: Option<u64>) {
    let left = deadline.map(|deadline| deadline.saturating_sub(now(Clock::Monotonic).unwrap_or(0)));
    sleep(left.unwrap_or(1 << 60));
}

/// Wakes one thread that waits for the word: there is none.
pub fn wake_one(_word: *const AtomicU32) {}
