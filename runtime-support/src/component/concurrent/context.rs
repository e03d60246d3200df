//! `context.get` and `context.set`: two numbers that each task has, for the tools that made the component.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::task;

/// Those of what runs without a task: start functions.
static OUTSIDE: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

fn get(slot: usize) -> u32 {
    match task::current() {
        Some(task) => task.context.get(slot).map_or(0, Cell::get),
        None => OUTSIDE.get(slot).map_or(0, |number| number.load(Relaxed)),
    }
}

fn set(slot: usize, value: u32) {
    match (task::current(), OUTSIDE.get(slot)) {
        (Some(task), _) => _ = task.context.get(slot).map(|number| number.set(value)),
        (None, Some(number)) => number.store(value, Relaxed),
        (None, None) => {}
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_context_get_first() -> u32 {
    get(0)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_context_set_first(value: u32) {
    set(0, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_context_get_second() -> u32 {
    get(1)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_context_set_second(value: u32) {
    set(1, value);
}
