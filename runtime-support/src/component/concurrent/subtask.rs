//! Subtasks: calls that a component has made and that hadn't returned when they gave it a handle.

use core::cell::Cell;

use wasm_aot_abi::concurrent::{SubtaskState, TaskInstance, kind};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::waitable::What;
use super::{call, pending, set, waitable};
use crate::component::{handle, violation};

/// A subtask.
pub struct Subtask {
    pub state: Cell<SubtaskState>,
    /// Whether the caller knows that it has ended.
    delivered: Cell<bool>,
    of: Of,
}

/// What a subtask is a call of.
#[derive(Clone, Copy)]
enum Of {
    /// A function of the host: the number of what that waits for to end it.
    Host(u32),
    /// A function of a component: the number of the call, as long as it hasn't ended.
    Component(u32),
}

impl Subtask {
    /// One that ends when this has happened, the number of something that the host waits for.
    pub fn waiting_for(pending: u32) -> Subtask {
        Subtask {
            state: Cell::new(SubtaskState::Started),
            delivered: Cell::new(false),
            of: Of::Host(pending),
        }
    }

    /// The call of a component with this number, which is so far.
    pub fn of_call(call: u32, state: SubtaskState) -> Subtask {
        Subtask { state: Cell::new(state), delivered: Cell::new(false), of: Of::Component(call) }
    }

    /// Whether it has ended.
    fn is_resolved(&self) -> bool {
        !matches!(self.state.get(), SubtaskState::Starting | SubtaskState::Started)
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
    progress(number, SubtaskState::Returned);
}

/// Notes how far the subtask with this number is.
pub fn progress(number: u32, state: SubtaskState) {
    at(number).state.set(state);
    waitable::notify(number);
}

/// Whether the subtask with this number has ended.
pub fn is_resolved(number: u32) -> bool {
    at(number).is_resolved()
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

/// A call of the host ends at once when it is cancelled; for one of a component, this waits until it has ended. So it may not
/// be called by whoever may not wait, nor for what is in a set.
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
        match subtask.of {
            Of::Host(pending) => {
                pending::remove(pending);
                subtask.state.set(SubtaskState::CancelledBeforeReturned);
            }
            Of::Component(call) => call::cancel(call),
        }
    }
    waitable::take_event(number).payload
}
