//! Functions that are lifted with a callback: each return says what the task waits for, and then the callback is called.

use wasm_aot_abi::component::{ComponentInstance, ResourceType};
use wasm_aot_abi::concurrent::{CODE_BITS, CallbackCode, Lift, TaskInstance};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::schedule;
use super::set;
use super::task::{self, Cancellation, Parked, State, Task};
use super::waitable::Event;
use crate::component::{resource, scope, violation};

/// A core function or a callback of the task with this number has returned this, and nothing of the task is on the stack.
pub fn returned(number: u32, result: u32) {
    const EXIT: u32 = CallbackCode::Exit as u32;
    const YIELD: u32 = CallbackCode::Yield as u32;
    const WAIT: u32 = CallbackCode::Wait as u32;
    let task = task::at(number);
    match result & ((1 << CODE_BITS) - 1) {
        EXIT if task.state.get() == State::Resolved => ended(number),
        EXIT => violation(Trap::NoResult),
        YIELD => schedule::park(number, Parked::Yielding),
        WAIT => {
            let set = set::number_of(task.instance, result >> CODE_BITS);
            schedule::park(number, Parked::Waiting(set));
        }
        _ => violation(Trap::InvalidCallbackCode),
    }
}

/// A task has ended, and nothing of it is on the stack.
pub fn ended(number: u32) {
    let task = task::at(number);
    match task.is_awaited.get() {
        true => task.parked.set(Parked::Ended),
        false => task::remove(number),
    }
}

/// Has a task go on that waits without frames.
pub fn resume(number: u32) {
    let task = task::at(number);
    let parked = task.parked.replace(Parked::No);
    if let Parked::Waiting(set) = parked {
        set::end_waiting(set);
    }
    let event = match parked {
        _ if task.cancellation.get() == Cancellation::Requested => {
            task.cancellation.set(Cancellation::Delivered);
            Event::CANCELLED
        }
        Parked::Waiting(set) => set::take_event(set),
        Parked::Yielding | Parked::No | Parked::Ended => Event::NONE,
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
    while lift.may_block != 0 && instance.has_backpressure() {
        schedule::step();
    }
    begin(instance, lift.may_block != 0, Some(lift));
}

/// Begins a task, when no other one of the instance is on the stack that excludes it.
fn begin(instance: Instance, may_block: bool, lift: Option<&'static Lift>) {
    while may_block && instance.is_exclusive() {
        schedule::step();
    }
    task::enter(Task::insert(instance, may_block, lift));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_task_end() {
    task::end();
}

/// As in wasmtime, backpressure doesn't hold up synchronous calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_enter_sync_task(
    _caller: u32,
    callee_is_async: u32,
    callee: u32,
    instances: *const *mut TaskInstance,
) {
    // SAFETY: the compiler's array, and adapters name instances of it.
    let instance = unsafe { Instance::new(*instances.add(callee as usize)) };
    begin(instance, callee_is_async != 0, None);
    scope::enter();
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
    let task = task::at(number);
    task.is_awaited.set(true);
    returned(number, code);
    while task.state.get() != State::Resolved {
        schedule::step();
    }
    task.is_awaited.set(false);
    let result = task.result.get() as u32;
    if task.parked.get() == Parked::Ended {
        task::remove(number);
    }
    result
}

/// `resource.drop` of a type that a component defines: the destructor is a call of its own, which may not wait.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_drop_task(
    handle: u32,
    ty: *const ResourceType,
    instance: *mut ComponentInstance,
    tasks: *mut TaskInstance,
) {
    // SAFETY: the compiler's structures; the references end before the destructor runs.
    let dropped = unsafe { resource::take_dropped(handle, &*ty, &mut *instance) };
    if let Some((destructor, representation)) = dropped {
        // SAFETY: the compiler's structure: the instance that defines the type.
        begin(unsafe { Instance::new(tasks) }, false, None);
        destructor(representation);
        task::end();
    }
}
