//! Waitable sets: of their waitables, those that have an event are a queue, so that finding one takes no time, however many
//! wait.

use core::cell::Cell;

use wasm_aot_abi::component::Canonical;
use wasm_aot_abi::concurrent::{TaskInstance, kind};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::waitable::{self, Event, Waitable};
use super::{pending, schedule, task};
use crate::component::slab::Slab;
use crate::component::{Caller, handle, violation};

/// A waitable set.
pub struct WaitableSet {
    /// How many waitables are in it.
    members: Cell<u32>,
    /// The numbers, plus 1, of the first and the last waitable that has an event; 0 if none has.
    first: Cell<u32>,
    last: Cell<u32>,
    /// How many tasks wait for it.
    waiting: Cell<u32>,
}

static SETS: Slab<WaitableSet> = Slab::empty();

fn at(number: u32) -> &'static WaitableSet {
    SETS.get(number)
}

/// Whether a waitable of the set with this number has an event.
pub fn has_event(number: u32) -> bool {
    at(number).first.get() != 0
}

/// Takes the event of the waitable of the set that had one first.
pub fn take_event(number: u32) -> Event {
    match at(number).first.get().checked_sub(1) {
        Some(waitable) => waitable::take_event(waitable),
        None => Event::NONE,
    }
}

/// Notes that a task waits for the set.
pub fn begin_waiting(number: u32) {
    let waiting = &at(number).waiting;
    waiting.set(waiting.get() + 1);
}

/// Notes that a task doesn't wait for the set any more.
pub fn end_waiting(number: u32) {
    let waiting = &at(number).waiting;
    waiting.set(waiting.get() - 1);
}

/// Puts a waitable that has an event into the queue of its set, if it is in one.
pub fn queue(number: u32, waitable: &Waitable) {
    let Some(set) = waitable.set.get().checked_sub(1).map(at) else { return };
    let last = set.last.replace(number + 1);
    waitable.previous.set(last);
    waitable.next.set(0);
    match last.checked_sub(1) {
        Some(last) => waitable::at(last).next.set(number + 1),
        None => set.first.set(number + 1),
    }
}

/// Takes a waitable that had an event out of the queue of its set, if it is in one.
pub fn unqueue(waitable: &Waitable) {
    let Some(set) = waitable.set.get().checked_sub(1).map(at) else { return };
    let (previous, next) = (waitable.previous.replace(0), waitable.next.replace(0));
    match previous.checked_sub(1) {
        Some(previous) => waitable::at(previous).next.set(next),
        None => set.first.set(next),
    }
    match next.checked_sub(1) {
        Some(next) => waitable::at(next).previous.set(previous),
        None => set.last.set(previous),
    }
}

/// Puts a waitable into a set, or into none. It leaves the one that it is in.
pub fn join(number: u32, set: Option<u32>) {
    let waitable = waitable::at(number);
    let has_event = waitable.has_event.get();
    if let Some(old) = waitable.set.get().checked_sub(1).map(at) {
        if has_event {
            unqueue(waitable);
        }
        old.members.set(old.members.get() - 1);
    }
    waitable.set.set(set.map_or(0, |set| set + 1));
    if let Some(set) = set.map(at) {
        set.members.set(set.members.get() + 1);
        if has_event {
            queue(number, waitable);
        }
    }
}

/// The set behind a handle.
pub fn number_of(instance: Instance, set: u32) -> u32 {
    handle::representation(instance.component(), kind::WAITABLE_SET, set)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_waitable_set_new(tasks: *mut TaskInstance) -> u32 {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    instance.check();
    let set =
        WaitableSet { members: Cell::new(0), first: Cell::new(0), last: Cell::new(0), waiting: Cell::new(0) };
    handle::add_own(instance.component(), kind::WAITABLE_SET, SETS.insert(set))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_waitable_set_drop(set: u32, tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    instance.check();
    let number = number_of(instance, set);
    if at(number).waiting.get() != 0 {
        violation(Trap::SetHasWaiters);
    }
    if at(number).members.get() != 0 {
        violation(Trap::SetHasWaitables);
    }
    handle::remove(instance.component(), kind::WAITABLE_SET, set);
    SETS.remove(number);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_waitable_join(waitable: u32, set: u32, tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    instance.check();
    let (found, number) = handle::find(instance.component(), waitable);
    if found != kind::SUBTASK && found < kind::FIRST_END {
        violation(Trap::WrongHandleType);
    }
    let set = (set != 0).then(|| number_of(instance, set));
    join(number, set);
}

/// Tells the caller what has happened: the code, and the rest at `pointer`.
fn tell(event: &Event, pointer: u32, caller: &Caller) -> u32 {
    let fields = caller.fields(pointer, 8, 4);
    fields.u32(0, event.handle);
    fields.u32(4, event.payload);
    event.code as u32
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_waitable_set_wait(
    set: u32,
    pointer: u32,
    options: *const Canonical,
) -> u32 {
    // SAFETY: the compiler's structure.
    let caller = unsafe { Caller::of(options) };
    caller.check();
    task::check_may_block();
    let number = caller.representation_of(kind::WAITABLE_SET, set);
    begin_waiting(number);
    while !has_event(number) {
        schedule::step();
    }
    end_waiting(number);
    tell(&take_event(number), pointer, caller)
}

/// What the host waits for may have happened meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_waitable_set_poll(
    set: u32,
    pointer: u32,
    options: *const Canonical,
) -> u32 {
    // SAFETY: the compiler's structure.
    let caller = unsafe { Caller::of(options) };
    caller.check();
    let number = caller.representation_of(kind::WAITABLE_SET, set);
    if pending::is_any() {
        pending::look();
    }
    tell(&take_event(number), pointer, caller)
}
