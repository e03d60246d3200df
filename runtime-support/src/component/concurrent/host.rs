//! Calls of the host that take their time: as a component has lowered them, synchronously or not.

use wasm_aot_abi::concurrent::{CODE_BITS, SubtaskState, kind};

use super::pending::Waker;
use super::subtask::Subtask;
use super::waitable::What;
use super::{pending, schedule, task, waitable};
use crate::component::Caller;
use crate::sys::clock::{self, Clock};
use crate::wasi2::io::ready::Event;

/// Whether the monotonic clock shows this time, in nanoseconds, or a later one.
fn is_past(deadline: u64) -> bool {
    // It doesn't fail on the systems that there are.
    deadline <= clock::now(Clock::Monotonic).unwrap_or(u64::MAX)
}

/// Waits for a time. Traps if the task that calls may not wait.
pub fn block(deadline: u64) {
    task::check_may_block();
    if is_past(deadline) {
        return;
    }
    let number = pending::insert(Event::Deadline(deadline), Waker::Stack);
    while !pending::has_happened(number) {
        schedule::step();
    }
}

/// Begins to wait for a time; what the call returns: that it has returned, or a subtask that the caller can wait for.
pub fn start(deadline: u64, caller: &Caller) -> u32 {
    if is_past(deadline) {
        return SubtaskState::Returned as u32;
    }
    let pending = pending::insert(Event::Deadline(deadline), Waker::Stack);
    let number = waitable::insert(What::Subtask(Subtask::waiting_for(pending)));
    pending::set_subtask(pending, number);
    let handle = caller.add_handle(kind::SUBTASK, number);
    waitable::at(number).handle.set(handle);
    SubtaskState::Started as u32 | handle << CODE_BITS
}
