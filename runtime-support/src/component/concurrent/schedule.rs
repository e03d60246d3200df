//! Which task runs next: in the order in which they began to wait, those that something has happened for, before those that
//! have yielded; and if there are none, the program waits for the system.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use wasm_aot_abi::concurrent::{MAX_BACKPRESSURE, TaskInstance};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::task::{self, Cancellation, Parked, Task};
use super::{call, callback, pending, set};
use crate::component::violation;

/// The numbers, plus 1, of the first and the last task of which nothing is on the stack and which hasn't ended; 0 if there
/// is none.
static FIRST: AtomicU32 = AtomicU32::new(0);
static LAST: AtomicU32 = AtomicU32::new(0);

/// Has the task with this number wait without frames.
pub fn park(number: u32, parked: Parked) {
    let task = task::at(number);
    if let Parked::Waiting(set) = parked {
        set::begin_waiting(set);
    }
    task.parked.set(parked);
    task.next.set(0);
    match LAST.swap(number + 1, Relaxed).checked_sub(1) {
        Some(last) => task::at(last).next.set(number + 1),
        None => FIRST.store(number + 1, Relaxed),
    }
}

/// Takes the first task of those that wait without frames which fits; its number.
fn take(fits: fn(&Task) -> bool) -> Option<u32> {
    let mut previous: Option<u32> = None;
    let mut next = FIRST.load(Relaxed);
    while let Some(number) = next.checked_sub(1) {
        let task = task::at(number);
        next = task.next.get();
        if task.instance.is_exclusive() || !fits(task) {
            previous = Some(number);
            continue;
        }
        match previous {
            Some(previous) => task::at(previous).next.set(next),
            None => FIRST.store(next, Relaxed),
        }
        if next == 0 {
            LAST.store(previous.map_or(0, |number| number + 1), Relaxed);
        }
        return Some(number);
    }
    None
}

/// Whether something has happened that the task waits for.
fn has_event(task: &Task) -> bool {
    task.cancellation.get() == Cancellation::Requested
        || matches!(task.parked.get(), Parked::Waiting(number) if set::has_event(number))
}

fn has_yielded(task: &Task) -> bool {
    task.parked.get() == Parked::Yielding
}

/// Runs a task for which something has happened; whether there was one.
fn run_ready() -> bool {
    let ready = take(has_event);
    if let Some(number) = ready {
        callback::resume(number);
    }
    ready.is_some()
}

/// Does the next thing that can be done. Traps if nothing can happen any more.
pub fn step() {
    if call::start_waiting() || run_ready() {
        return;
    }
    // What yields must not keep the host from noting what happens. It may have happened for a call on the stack.
    if pending::is_any() && pending::look() {
        run_ready();
        return;
    }
    if let Some(number) = take(has_yielded) {
        callback::resume(number);
    } else if pending::is_any() {
        pending::wait();
    } else {
        violation(Trap::Deadlock);
    }
}

/// Notes what has happened, and lets another task run, unless the caller may not wait.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_thread_yield(tasks: *mut TaskInstance) -> u32 {
    // SAFETY: the compiler's structure.
    unsafe { Instance::new(tasks) }.check();
    if pending::is_any() {
        pending::look();
    }
    if task::may_block()
        && !call::start_waiting()
        && !run_ready()
        && let Some(number) = take(has_yielded)
    {
        callback::resume(number);
    }
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_backpressure_inc(tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    if !instance.count_backpressure(|count| (count < MAX_BACKPRESSURE).then_some(count + 1)) {
        violation(Trap::BackpressureOverflow);
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_backpressure_dec(tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    let instance = unsafe { Instance::new(tasks) };
    if !instance.count_backpressure(|count| count.checked_sub(1)) {
        violation(Trap::BackpressureOverflow);
    }
}
