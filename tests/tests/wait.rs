//! The runtime's `memory.atomic.wait` and `notify`, and its lock, with real threads. The runtime's own sources are compiled into this test, so it is for Linux.

#![cfg(target_os = "linux")]
#![allow(dead_code, unused_imports)]

#[path = "../../runtime-support/src/sys/mod.rs"]
mod sys;
#[path = "../../runtime-support/src/memory/wait.rs"]
mod wait;

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sys::lock::Lock;
use wait::{wasm_aot_atomic_notify, wasm_aot_atomic_wait32, wasm_aot_atomic_wait64};

const WOKEN: u32 = 0;
const DIFFERENT: u32 = 1;
const TIMED_OUT: u32 = 2;

fn wait32(word: &AtomicU32, expected: u32, timeout: i64) -> u32 {
    // SAFETY: the word is there and aligned.
    unsafe { wasm_aot_atomic_wait32(word.as_ptr().cast(), expected, timeout) }
}

fn notify<T>(word: *mut T, count: u32) -> u32 {
    wasm_aot_atomic_notify(word.cast(), count)
}

/// Notifies until `wanted` threads in all were woken.
fn wake<T>(word: *mut T, wanted: u32) {
    let mut woken = 0;
    while woken < wanted {
        woken += notify(word, wanted - woken);
        thread::yield_now();
    }
}

#[test]
fn other_values_and_timeouts() {
    let word = AtomicU32::new(5_u32.to_le());
    assert_eq!(wait32(&word, 6, -1), DIFFERENT);
    assert_eq!(wait32(&word, 5, 0), TIMED_OUT);
    let start = Instant::now();
    assert_eq!(wait32(&word, 5, 20_000_000), TIMED_OUT);
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(notify(word.as_ptr(), u32::MAX), 0, "nobody is left in the queue");
    let wide = AtomicU64::new((7_u64 << 32 | 1).to_le());
    let address = wide.as_ptr().cast();
    // SAFETY: the word is there and aligned.
    unsafe {
        assert_eq!(wasm_aot_atomic_wait64(address, 1, -1), DIFFERENT, "all 64 bits count");
        assert_eq!(wasm_aot_atomic_wait64(address, 7 << 32 | 1, 1000), TIMED_OUT);
    }
}

#[test]
fn as_many_are_woken_as_notify_says() {
    let (one, other) = (AtomicU32::new(0), AtomicU32::new(0));
    let woken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                assert_eq!(wait32(&one, 0, -1), WOKEN);
                woken.fetch_add(1, Ordering::SeqCst);
            });
        }
        scope.spawn(|| assert_eq!(wait32(&other, 0, -1), WOKEN));
        wake(one.as_ptr(), 2);
        while woken.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(20));
        assert_eq!(woken.load(Ordering::SeqCst), 2, "the others sleep on");
        assert_eq!(notify(one.as_ptr(), 0), 0);
        wake(one.as_ptr(), 4);
        wake(other.as_ptr(), 1);
    });
    assert_eq!(woken.load(Ordering::SeqCst), 6);
}

/// A mutex as programs for WebAssembly make it of these two: nothing may be lost.
#[test]
fn a_mutex_of_wait_and_notify() {
    const ROUNDS: u64 = 20_000;
    let (word, count) = (AtomicU32::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    while word.swap(2_u32.to_le(), Ordering::SeqCst) != 0 {
                        assert_ne!(wait32(&word, 2, -1), TIMED_OUT);
                    }
                    // Not atomic as a whole: the mutex makes it so.
                    count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                    word.store(0, Ordering::SeqCst);
                    notify(word.as_ptr(), 1);
                }
            });
        }
    });
    assert_eq!(count.load(Ordering::Relaxed), 4 * ROUNDS);
}

#[test]
fn wait_and_time_out_at_once() {
    // A thread that times out while another wakes it is counted exactly once.
    let word = AtomicU32::new(0);
    let (woken, told) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let running = AtomicUsize::new(3);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for round in 0..5000 {
                    if wait32(&word, 0, 1000 + round % 7 * 5000) == WOKEN {
                        woken.fetch_add(1, Ordering::SeqCst);
                    }
                }
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while running.load(Ordering::SeqCst) != 0 {
            told.fetch_add(notify(word.as_ptr(), 2) as usize, Ordering::SeqCst);
        }
    });
    assert_eq!(woken.load(Ordering::SeqCst), told.load(Ordering::SeqCst));
    assert_eq!(notify(word.as_ptr(), u32::MAX), 0);
}

#[test]
fn the_lock_excludes() {
    let (lock, count) = (Lock::default(), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50_000 {
                    let _held = lock.lock();
                    count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(count.load(Ordering::Relaxed), 200_000);
}
