//! What the host waits for on behalf of tasks: times and descriptors. All that has happened is found by one look, so that
//! thousands of calls that end at the same time cost one system call.

use core::cell::Cell;
use core::mem::MaybeUninit;

use super::{source, subtask};
use crate::component::slab::Slab;
use crate::sys::poll::{self, PollFd};
use crate::wasi2::io::ready::{self, Event};

/// Something that the host waits for.
struct Pending {
    event: Event,
    waker: Cell<Waker>,
    has_happened: Cell<bool>,
    /// The numbers, plus 1, of its neighbours in the order in which they began; 0 if there is none.
    previous: Cell<u32>,
    next: Cell<u32>,
}

/// Who waits for it.
#[derive(Clone, Copy)]
pub enum Waker {
    /// A call whose frames are on the stack.
    Stack,
    /// The subtask with this number.
    Subtask(u32),
    /// The host at an end of the stream with this number.
    Stream(u32),
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

/// How many descriptors the system is asked for at once. With more, it is asked for one batch after the other.
const BATCH: usize = 256;

/// Nanoseconds between two rounds of several batches.
const PAUSE: u64 = 5_000_000;

fn at(number: u32) -> &'static Pending {
    PENDING.get(number)
}

/// Begins to wait for an event; the number of that.
pub fn insert(event: Event, waker: Waker) -> u32 {
    let last = LIST.last.get();
    let number = PENDING.insert(Pending {
        event,
        waker: Cell::new(waker),
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
    at(number).waker.set(Waker::Subtask(subtask));
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
    match at(number).waker.get() {
        Waker::Stack => at(number).has_happened.set(true),
        Waker::Subtask(subtask) => {
            PENDING.remove(number);
            subtask::resolve(subtask);
        }
        Waker::Stream(stream) => {
            PENDING.remove(number);
            source::wake(stream);
        }
    }
}

/// Whether the host waits for anything.
pub fn is_any() -> bool {
    LIST.first.get() != 0
}

/// Notes what has happened; whether anything has.
pub fn look() -> bool {
    look_for(Some(0))
}

/// Waits until something has happened that the host waits for, or a while, and notes it.
pub fn wait() {
    look_for(None);
}

/// Waits for at most so many nanoseconds until something has happened, and notes it. Whether anything has.
///
/// What happens may begin to wait for something else, at the end of the list: it is looked at the next time.
fn look_for(wait: Option<u64>) -> bool {
    let last = LIST.last.get();
    let (mut wait, mut descriptors) = (wait, 0);
    let mut next = LIST.first.get();
    while let Some(number) = next.checked_sub(1) {
        let pending = at(number);
        next = pending.next.get();
        match ready::time_left(pending.event) {
            Some(left) => wait = Some(wait.map_or(left, |wait| wait.min(left))),
            None => descriptors += 1,
        }
    }
    if descriptors > BATCH {
        wait = Some(wait.map_or(PAUSE, |wait| wait.min(PAUSE)));
    }
    let mut any = descriptors > 0 && look_at_descriptors(descriptors, wait);
    if descriptors == 0 && wait != Some(0) {
        // If it fails, a signal has arrived, or the system has no memory for the moment.
        _ = poll::poll(&mut [], wait);
    }
    let mut next = LIST.first.get();
    while let Some(number) = next.checked_sub(1) {
        let pending = at(number);
        next = if next == last { 0 } else { pending.next.get() };
        if ready::time_left(pending.event) == Some(0) {
            any = true;
            happen(number);
        }
    }
    any
}

/// Asks the system for the first `left` descriptors, waiting in the last batch, and notes what has happened. Whether
/// anything has.
fn look_at_descriptors(mut left: usize, wait: Option<u64>) -> bool {
    let mut any = false;
    let mut next = LIST.first.get();
    while left > 0 {
        let mut slots = [const { MaybeUninit::<PollFd>::uninit() }; BATCH];
        let mut numbers = [0; BATCH];
        let mut filled = 0;
        while let Some(number) = next.checked_sub(1) {
            let (Some(slot), Some(place)) = (slots.get_mut(filled), numbers.get_mut(filled)) else { break };
            let pending = at(number);
            next = pending.next.get();
            if let Some(descriptor) = ready::descriptor(pending.event) {
                slot.write(descriptor);
                *place = number;
                filled += 1;
            }
        }
        left = left.saturating_sub(filled.max(1));
        let slots = slots.get_mut(..filled).unwrap_or_default();
        // SAFETY: the first `filled` slots have been written.
        let descriptors = unsafe { slots.assume_init_mut() };
        let timeout = if left == 0 && !any { wait } else { Some(0) };
        // If it fails, none is ready: a signal has arrived, or the system has no memory for the moment.
        _ = poll::poll(descriptors, timeout);
        for (descriptor, number) in descriptors.iter().zip(numbers) {
            if descriptor.is_ready() {
                any = true;
                happen(number);
            }
        }
    }
    any
}
