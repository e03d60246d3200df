//! Subtasks: calls that a component has made and that hadn't returned when they gave it a handle.

use core::cell::Cell;

use wasm_aot_abi::concurrent::{SubtaskState, TaskInstance, kind};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::waitable::What;
use super::{pending, set, waitable};
use crate::component::{handle, violation};

/// A subtask: a call of the host.
pub struct Subtask {
    pub state: Cell<SubtaskState>,
    /// Whether the caller knows that it has ended.
    delivered: Cell<bool>,
    /// The number of what the host waits for to end it.
    pending: u32,
}

impl Subtask {
    /// One that ends when this has happened, the number of something that the host waits for.
    pub fn waiting_for(pending: u32) -> Subtask {
        Subtask { state: Cell::new(SubtaskState::Started), delivered: Cell::new(false), pending }
    }

    /// Whether it has ended.
    fn is_resolved(&self) -> bool {
        self.state.get() != SubtaskState::Started
    }

    /// How far it is, of which the caller learns now.
    pub fn deliver(&self) -> SubtaskState {
        self.delivered.set(self.is_resolved());
        self.state.get()
    }
}

/// The subtask with this number among waitables, which the caller knows to be one.
fn at(number: u32) -> &'static Subtask {
    match &waitable::at(number).what {
        What::Subtask(subtask) => subtask,
        What::End(_) => unreachable!("the kind of the handle says what it is"),
    }
}

/// Ends the subtask with this number.
pub fn resolve(number: u32) {
    at(number).state.set(SubtaskState::Returned);
    waitable::notify(number);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_subtask_drop(subtask: u32, tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    instance.check();
    let number = handle::representation(instance.component(), kind::SUBTASK, subtask);
    if !at(number).delivered.get() {
        violation(Trap::SubtaskNotResolved);
    }
    set::join(number, None);
    handle::remove(instance.component(), kind::SUBTASK, subtask);
    waitable::remove(number);
}

/// A call of the host ends at once when it is cancelled, so this doesn't wait. But since it may wait for other calls, it may
/// not be called by whoever may not wait, nor for what is in a set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_subtask_cancel(subtask: u32, tasks: *mut TaskInstance) -> u32 {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    instance.check();
    super::task::check_may_block();
    let number = handle::representation(instance.component(), kind::SUBTASK, subtask);
    let subtask = at(number);
    if waitable::at(number).set.get() != 0 {
        violation(Trap::WaitableInSet);
    }
    if subtask.delivered.get() {
        violation(Trap::CancelledTwice);
    }
    if !subtask.is_resolved() {
        pending::remove(subtask.pending);
        subtask.state.set(SubtaskState::CancelledBeforeReturned);
    }
    waitable::take_event(number).payload
}
