//! What the host waits for on behalf of tasks: so far times of the monotonic clock. All that has happened is found by one
//! look, so that thousands of calls that end at the same time cost one system call.

use core::cell::Cell;

use super::subtask;
use crate::component::slab::Slab;
use crate::sys::clock::{self, Clock};
use crate::sys::poll;

/// Something that the host waits for.
struct Pending {
    /// Nanoseconds of the monotonic clock.
    deadline: u64,
    /// The number, plus 1, of the subtask that ends when it has happened; 0 for a call that waits on the stack.
    subtask: Cell<u32>,
    has_happened: Cell<bool>,
    /// The numbers, plus 1, of its neighbours in the order in which they began; 0 if there is none.
    previous: Cell<u32>,
    next: Cell<u32>,
}

static PENDING: Slab<Pending> = Slab::empty();

/// The ends of the list of all that hasn't happened: numbers, plus 1, or 0.
struct List {
    first: Cell<u32>,
    last: Cell<u32>,
}

// SAFETY: programs of components have one thread.
unsafe impl Sync for List {}

static LIST: List = List { first: Cell::new(0), last: Cell::new(0) };

fn at(number: u32) -> &'static Pending {
    PENDING.get(number)
}

/// Begins to wait for a time; the number of that.
pub fn insert(deadline: u64) -> u32 {
    let last = LIST.last.get();
    let number = PENDING.insert(Pending {
        deadline,
        subtask: Cell::new(0),
        has_happened: Cell::new(false),
        previous: Cell::new(last),
        next: Cell::new(0),
    });
    match last.checked_sub(1) {
        Some(last) => at(last).next.set(number + 1),
        None => LIST.first.set(number + 1),
    }
    LIST.last.set(number + 1);
    number
}

/// Has the subtask with a number end when it has happened.
pub fn set_subtask(number: u32, subtask: u32) {
    at(number).subtask.set(subtask + 1);
}

/// Whether what a call on the stack waits for has happened. Then it is forgotten.
pub fn has_happened(number: u32) -> bool {
    let has_happened = at(number).has_happened.get();
    if has_happened {
        PENDING.remove(number);
    }
    has_happened
}

/// Gives up waiting for something that hasn't happened.
pub fn remove(number: u32) {
    unlink(number);
    PENDING.remove(number);
}

fn unlink(number: u32) {
    let pending = at(number);
    let (previous, next) = (pending.previous.get(), pending.next.get());
    match previous.checked_sub(1) {
        Some(previous) => at(previous).next.set(next),
        None => LIST.first.set(next),
    }
    match next.checked_sub(1) {
        Some(next) => at(next).previous.set(previous),
        None => LIST.last.set(previous),
    }
}

/// What the host waits for has happened.
fn happen(number: u32) {
    unlink(number);
    match at(number).subtask.get().checked_sub(1) {
        Some(subtask) => {
            PENDING.remove(number);
            subtask::resolve(subtask);
        }
        None => at(number).has_happened.set(true),
    }
}

/// Calls `each` with all that hasn't happened, in the order in which it began. What it is called with may be removed by it.
fn for_each(mut each: impl FnMut(u32, &Pending)) {
    let mut next = LIST.first.get();
    while let Some(number) = next.checked_sub(1) {
        let pending = at(number);
        next = pending.next.get();
        each(number, pending);
    }
}

/// Whether the host waits for anything.
pub fn is_any() -> bool {
    LIST.first.get() != 0
}

/// Notes what has happened; whether anything has.
pub fn look() -> bool {
    // It doesn't fail on the systems that there are; then no time is in the future.
    let now = clock::now(Clock::Monotonic).unwrap_or(u64::MAX);
    let mut any = false;
    for_each(|number, pending| {
        if pending.deadline <= now {
            any = true;
            happen(number);
        }
    });
    any
}

/// Waits until something has happened that the host waits for, or a while, and notes it.
pub fn wait() {
    if look() {
        return;
    }
    let mut first = u64::MAX;
    for_each(|_, pending| first = first.min(pending.deadline));
    let now = clock::now(Clock::Monotonic).unwrap_or(u64::MAX);
    // If it fails, a signal has arrived, or the system has no memory for the moment.
    _ = poll::poll(&mut [], Some(first.saturating_sub(now)));
    look();
}
