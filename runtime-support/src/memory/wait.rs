//! `memory.atomic.wait` and `memory.atomic.notify`: threads queue for an address, in order of arrival.
//!
//! A futex alone would do for neither: `wait64` compares 64 bits, and `notify` must know how many it
//! woke. So each waiter sleeps on a word of its own, and a lock orders comparing and queueing with
//! waking: who compares after the writer's `notify` sees what was written before.

use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::sys::clock::{self, Clock};
use crate::sys::futex;
use crate::sys::lock::Lock;

const WOKEN: u32 = 0;
const DIFFERENT: u32 = 1;
const TIMED_OUT: u32 = 2;

/// A thread that waits; it lives in that thread's frame and is in the queue while `sleeps` is 1.
struct Waiter {
    address: *const u8,
    /// 1 until somebody wakes the thread. What it sleeps on.
    sleeps: AtomicU32,
    next: *mut Waiter,
}

/// The waiters of all addresses. Who holds `LOCK` may access it, and `address` and `next` of each.
static mut FIRST: *mut Waiter = ptr::null_mut();
static LOCK: Lock = Lock::new();

/// `memory.atomic.wait32`, see `Builtin::AtomicWait32`.
///
/// # Safety
/// The address is one of a memory's, and aligned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_atomic_wait32(address: *mut u8, expected: u32, timeout: i64) -> u32 {
    // SAFETY: as the caller promises; memories are never unmapped.
    let word = unsafe { AtomicU32::from_ptr(address.cast()) };
    wait(address, timeout, || u32::from_le(word.load(Ordering::SeqCst)) == expected)
}

/// `memory.atomic.wait64`.
///
/// # Safety
/// As for [`wasm_aot_atomic_wait32`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_atomic_wait64(address: *mut u8, expected: u64, timeout: i64) -> u32 {
    // SAFETY: as the caller promises; memories are never unmapped.
    let word = unsafe { AtomicU64::from_ptr(address.cast()) };
    wait(address, timeout, || u64::from_le(word.load(Ordering::SeqCst)) == expected)
}

fn now() -> u64 {
    clock::now(Clock::Monotonic).unwrap_or(0)
}

fn wait(address: *const u8, timeout: i64, unchanged: impl Fn() -> bool) -> u32 {
    // A negative timeout is none.
    let deadline = u64::try_from(timeout).ok().map(|timeout| now().saturating_add(timeout));
    let mut waiter = Waiter { address, sleeps: AtomicU32::new(1), next: ptr::null_mut() };
    let this = &raw mut waiter;
    {
        let _held = LOCK.lock();
        if !unchanged() {
            return DIFFERENT;
        }
        // SAFETY: the lock is held; `waiter` leaves the queue before this function returns.
        unsafe { *find(|_| false) = this };
    }
    // SAFETY: nobody takes a reference to the whole `waiter`.
    let sleeps = unsafe { &(*this).sleeps };
    while sleeps.load(Ordering::Acquire) != 0 {
        futex::wait(sleeps, 1, deadline);
        if deadline.is_none_or(|deadline| now() < deadline) {
            continue;
        }
        let _held = LOCK.lock();
        if sleeps.load(Ordering::Acquire) != 0 {
            // SAFETY: the lock is held, and `waiter` is in the queue because nobody has woken it.
            unsafe { *find(|waiter| waiter == this) = (*this).next };
            return TIMED_OUT;
        }
    }
    WOKEN
}

/// The place in the queue that holds the first pointer of this kind, or else the null at the end.
///
/// # Safety
/// The lock is held.
unsafe fn find(is: impl Fn(*mut Waiter) -> bool) -> *mut *mut Waiter {
    let mut place = &raw mut FIRST;
    // SAFETY: as the caller promises; whoever is in the queue exists.
    unsafe {
        while !(*place).is_null() && !is(*place) {
            place = &raw mut (**place).next;
        }
    }
    place
}

/// `memory.atomic.notify`: wakes at most `count` of those that wait at the address, in the order of their arrival.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_atomic_notify(address: *mut u8, count: u32) -> u32 {
    let _held = LOCK.lock();
    let mut woken = 0;
    while woken < count {
        // SAFETY: the lock is held; a waiter in the queue exists until `sleeps` is cleared, which is the last access to
        // it.
        unsafe {
            let place = find(|waiter| (*waiter).address == address.cast_const());
            let waiter = *place;
            if waiter.is_null() {
                break;
            }
            *place = (*waiter).next;
            let sleeps = &raw const (*waiter).sleeps;
            (*sleeps).store(0, Ordering::Release);
            futex::wake_one(sleeps);
        }
        woken += 1;
    }
    woken
}
