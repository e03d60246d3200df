//! Locks, made of a futex.

use core::sync::atomic::{AtomicU32, Ordering};

use super::futex::{wait, wake_one};

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
