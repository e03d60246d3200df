//! Functions that are lifted with a callback: each return says what the task waits for, and then the callback is called.

use wasm_aot_abi::concurrent::{CODE_BITS, CallbackCode, Lift, TaskInstance};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::schedule;
use super::set;
use super::task::{self, Parked, State, Task};
use super::waitable::Event;
use crate::component::{scope, violation};

/// A core function or a callback of the task with this number has returned this, and nothing of the task is on the stack.
fn returned(number: u32, result: u32) {
    const EXIT: u32 = CallbackCode::Exit as u32;
    const YIELD: u32 = CallbackCode::Yield as u32;
    const WAIT: u32 = CallbackCode::Wait as u32;
    let task = task::at(number);
    match result & ((1 << CODE_BITS) - 1) {
        EXIT if task.state.get() == State::Resolved => {}
        EXIT => violation(Trap::NoResult),
        YIELD => schedule::park(number, Parked::Yielding),
        WAIT => {
            let set = set::number_of(task.instance, result >> CODE_BITS);
            schedule::park(number, Parked::Waiting(set));
        }
        _ => violation(Trap::InvalidCallbackCode),
    }
}

/// Has a task go on that waits without frames.
pub fn resume(number: u32) {
    let task = task::at(number);
    let event = match task.parked.replace(Parked::No) {
        Parked::Waiting(set) => {
            set::end_waiting(set);
            set::take_event(set)
        }
        Parked::Yielding | Parked::No => Event::NONE,
    };
    // Only functions that have one wait without frames.
    if let Some(callback) = task.lift.and_then(|lift| lift.callback) {
        task::enter(number);
        let result = callback(event.code as u32, event.handle, event.payload);
        task::leave();
        returned(number, result);
    }
}

/// Nothing else runs: the program has begun, or what it called before has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_task_begin(lift: *const Lift) {
    // SAFETY: the compiler's constant data.
    let lift = unsafe { &*lift };
    // SAFETY: as above.
    let instance = unsafe { Instance::new(lift.tasks) };
    task::enter(Task::insert(instance, lift.may_block != 0, Some(lift)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_task_end() {
    task::end();
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_enter_sync_task(
    _caller: u32,
    callee_is_async: u32,
    callee: u32,
    instances: *const *mut TaskInstance,
) {
    scope::enter();
    // SAFETY: the compiler's array, and adapters name instances of it.
    let instance = unsafe { Instance::new(*instances.add(callee as usize)) };
    task::enter(Task::insert(instance, callee_is_async != 0, None));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_exit_sync_task() {
    task::end();
    scope::exit();
}

/// The task that `wasm_aot_component_task_begin` has begun.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_task_await(code: u32) -> u32 {
    let Some(number) = task::leave() else { violation(Trap::NoResult) };
    returned(number, code);
    let task = task::at(number);
    while task.state.get() != State::Resolved {
        schedule::step();
    }
    task.result.get() as u32
}
