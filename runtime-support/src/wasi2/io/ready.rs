//! Waiting for what pollables and streams wait for.

use core::cell::Cell;
use core::mem::MaybeUninit;

use crate::sys::clock::{self, Clock};
use crate::sys::file::Fd;
use crate::sys::poll::{self, PollFd};

/// What can be waited for.
#[derive(Clone, Copy)]
pub enum Event {
    /// Nothing: it is always ready.
    Now,
    /// Until the monotonic clock shows this time, in nanoseconds.
    Deadline(u64),
    /// Until something can be read from a descriptor of the host, or until its peer has ended.
    Readable(Fd),
    /// Until something can be written to it.
    Writable(Fd),
    /// What this says when somebody waits.
    Current(&'static Cell<Event>),
}

/// How many events the system is asked for at once. With more, it is asked for one batch after the other.
const BATCH: u32 = 256;

/// Nanoseconds between two rounds of several batches.
const PAUSE: u64 = 5_000_000;

/// How long to wait for a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    UntilReady,
}

/// Whether the event of a stream has happened; perhaps waits until it has. Streams don't wait for times: so a program that
/// has nothing else has no clock.
pub fn stream_is_ready(event: Event, wait: Wait) -> bool {
    let mut descriptor = match event {
        Event::Readable(fd) => PollFd::readable(fd),
        Event::Writable(fd) => PollFd::writable(fd),
        Event::Now | Event::Deadline(_) => return true,
        Event::Current(event) => return stream_is_ready(event.get(), wait),
    };
    let timeout = (wait == Wait::No).then_some(0);
    loop {
        if descriptor.is_always_ready() {
            return true;
        }
        // If it fails, it isn't ready: a signal has arrived, or the system has no memory for the moment.
        _ = poll::poll(core::slice::from_mut(&mut descriptor), timeout);
        if descriptor.is_ready() || timeout.is_some() {
            return descriptor.is_ready();
        }
    }
}

/// Whether it has happened.
pub fn is_ready(event: Event) -> bool {
    look(&|_| event, 0..1, Some(0), &mut |_| {})
}

/// Waits until it happens.
pub fn wait(event: Event) {
    wait_for(&|_| event, 1, &mut |_| {});
}

/// Waits until one of the events `0..count` has happened, and calls `ready` with the number of each that has, ascending.
pub fn wait_for(event: &dyn Fn(u32) -> Event, count: u32, ready: &mut dyn FnMut(u32)) {
    loop {
        let mut any = false;
        let mut start = 0;
        while start < count {
            let end = start.saturating_add(BATCH).min(count);
            let wait = match end == count && !any {
                true if count <= BATCH => None,
                true => Some(PAUSE),
                false => Some(0),
            };
            any |= look(event, start..end, wait, ready);
            start = end;
        }
        if any {
            return;
        }
    }
}

fn now() -> u64 {
    // It doesn't fail on the systems that there are; then no deadline is in the future.
    clock::now(Clock::Monotonic).unwrap_or(u64::MAX)
}

/// The time that is left until an event for which no descriptor is needed.
pub fn time_left(event: Event) -> Option<u64> {
    match event {
        Event::Now => Some(0),
        Event::Deadline(time) => Some(time.saturating_sub(now())),
        Event::Readable(_) | Event::Writable(_) => None,
        Event::Current(event) => time_left(event.get()),
    }
}

/// The descriptor that an event needs.
pub fn descriptor(event: Event) -> Option<PollFd> {
    match event {
        Event::Now | Event::Deadline(_) => None,
        Event::Readable(fd) => Some(PollFd::readable(fd)),
        Event::Writable(fd) => Some(PollFd::writable(fd)),
        Event::Current(event) => descriptor(event.get()),
    }
}

/// Waits until one of the events has happened, for so many nanoseconds or less long, and calls `ready` with each that has.
/// Whether one has.
fn look(
    event: &dyn Fn(u32) -> Event,
    numbers: core::ops::Range<u32>,
    mut wait: Option<u64>,
    ready: &mut dyn FnMut(u32),
) -> bool {
    let mut slots = [const { MaybeUninit::<PollFd>::uninit() }; BATCH as usize];
    let mut filled = 0;
    for number in numbers.clone() {
        let event = event(number);
        let descriptor = descriptor(event);
        let left = match descriptor {
            Some(descriptor) if descriptor.is_always_ready() => Some(0),
            _ => time_left(event),
        };
        if let Some(left) = left {
            wait = Some(wait.map_or(left, |wait| wait.min(left)));
        }
        if let (Some(descriptor), Some(slot)) = (descriptor, slots.get_mut(filled)) {
            slot.write(descriptor);
            filled += 1;
        }
    }
    let slots = slots.get_mut(..filled).unwrap_or_default();
    // SAFETY: the first `filled` slots have been written.
    let descriptors = unsafe { slots.assume_init_mut() };
    if !descriptors.is_empty() || wait != Some(0) {
        // If it fails, none is ready: a signal has arrived, or the system has no memory for the moment.
        _ = poll::poll(descriptors, wait);
    }
    let mut any = false;
    let mut descriptors = descriptors.iter();
    for number in numbers {
        let event = event(number);
        let has_happened = match descriptor(event) {
            Some(_) => descriptors.next().is_some_and(PollFd::is_ready),
            None => time_left(event) == Some(0),
        };
        if has_happened {
            any = true;
            ready(number);
        }
    }
    any
}
