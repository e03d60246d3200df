//! Threads that wait for a word to change: by mutexes and condition variables, as the system's own way isn't public
//! before macOS 14.4.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

use libc::{
    PTHREAD_COND_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, pthread_cond_broadcast, pthread_cond_t,
    pthread_cond_timedwait_relative_np, pthread_cond_wait, pthread_mutex_lock, pthread_mutex_t,
    pthread_mutex_unlock,
};

use super::clock::{Clock, now, timespec_of};

/// Where those wait whose words have the same hash.
struct Bucket {
    mutex: UnsafeCell<pthread_mutex_t>,
    changed: UnsafeCell<pthread_cond_t>,
}

// SAFETY: the system's functions may be called by several threads at once.
unsafe impl Sync for Bucket {}

const COUNT: usize = 64;

static BUCKETS: [Bucket; COUNT] = [const {
    Bucket {
        mutex: UnsafeCell::new(PTHREAD_MUTEX_INITIALIZER),
        changed: UnsafeCell::new(PTHREAD_COND_INITIALIZER),
    }
}; COUNT];

fn bucket(word: *const AtomicU32) -> &'static Bucket {
    // Words that are waited for are in the same place of frames and structures, which are far from each other.
    let address = word.addr() as u64;
    &BUCKETS[(address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % COUNT]
}

/// The longest that a thread sleeps at once.
const MOST_NANOSECONDS: u64 = 1 << 56;

/// Waits until somebody wakes the word, for as long as it has the value `expected`, and at most until
/// the monotonic clock shows `deadline` nanoseconds. May return early: the caller looks again.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Option<u64>) {
    let bucket = bucket(word);
    let (mutex, changed) = (bucket.mutex.get(), bucket.changed.get());
    // SAFETY: initialised, and never moved. Who wakes takes the mutex after the word has changed, so it either
    // has changed here already or this thread waits when it is woken.
    unsafe {
        pthread_mutex_lock(mutex);
        if word.load(Ordering::SeqCst) == expected {
            match deadline {
                None => pthread_cond_wait(changed, mutex),
                Some(deadline) => {
                    let left = deadline.saturating_sub(now(Clock::Monotonic).unwrap_or(0));
                    let left = timespec_of(left.min(MOST_NANOSECONDS));
                    pthread_cond_timedwait_relative_np(changed, mutex, &raw const left)
                }
            };
        }
        pthread_mutex_unlock(mutex);
    }
}

/// Wakes one thread that waits for the word, and perhaps others, which look again. The word may be gone: it is only a
/// name here.
pub fn wake_one(word: *const AtomicU32) {
    let bucket = bucket(word);
    // SAFETY: as in `wait`.
    unsafe {
        pthread_mutex_lock(bucket.mutex.get());
        pthread_cond_broadcast(bucket.changed.get());
        pthread_mutex_unlock(bucket.mutex.get());
    }
}
