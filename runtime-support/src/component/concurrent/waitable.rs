//! Waitables: what something can happen to that a task wants to know: calls, and the ends of streams and futures.

use core::cell::Cell;

use wasm_aot_abi::concurrent::EventCode;

use super::end::End;
use super::set;
use super::subtask::Subtask;
use crate::component::slab::Slab;

/// A waitable. What compiled code knows of it is a handle.
pub struct Waitable {
    /// Its handle, in the table of its instance.
    pub handle: Cell<u32>,
    pub what: What,
    /// Whether something has happened that no task knows of.
    pub has_event: Cell<bool>,
    /// The number, plus 1, of the set that it is in; 0 if it is in none.
    pub set: Cell<u32>,
    /// The numbers, plus 1, of its neighbours among those of the set that have an event; 0 if there is none.
    pub previous: Cell<u32>,
    pub next: Cell<u32>,
}

/// A kind of waitable.
pub enum What {
    Subtask(Subtask),
    End(End),
}

/// What a task learns.
pub struct Event {
    pub code: EventCode,
    pub handle: u32,
    pub payload: u32,
}

impl Event {
    pub const NONE: Event = Event { code: EventCode::None, handle: 0, payload: 0 };
    /// The task that learns of it is to end.
    pub const CANCELLED: Event = Event { code: EventCode::TaskCancelled, ..Event::NONE };
}

static WAITABLES: Slab<Waitable> = Slab::empty();

/// Keeps a new one; its number.
pub fn insert(what: What) -> u32 {
    WAITABLES.insert(Waitable {
        handle: Cell::new(0),
        what,
        has_event: Cell::new(false),
        set: Cell::new(0),
        previous: Cell::new(0),
        next: Cell::new(0),
    })
}

/// The waitable with this number.
pub fn at(number: u32) -> &'static Waitable {
    WAITABLES.get(number)
}

/// Removes one that is in no set.
pub fn remove(number: u32) -> Waitable {
    WAITABLES.remove(number)
}

/// Notes that something has happened to it.
pub fn notify(number: u32) {
    let waitable = at(number);
    if !waitable.has_event.replace(true) {
        set::queue(number, waitable);
    }
}

/// Tells what has happened to it, which it has an event for.
pub fn take_event(number: u32) -> Event {
    let waitable = at(number);
    if waitable.has_event.replace(false) {
        set::unqueue(waitable);
    }
    let (code, payload) = match &waitable.what {
        What::Subtask(subtask) => (EventCode::Subtask, subtask.deliver() as u32),
        What::End(end) => end.deliver(number),
    };
    Event { code, handle: waitable.handle.get(), payload }
}
