//! From a hardware fault to the trap that it stands for, and behind the call.
//!
//! A fault is ours if its instruction is in the code of this library, and Wasm code is running in this thread: then the frame of
//! the call is above that of the fault. Whatever else faults belongs to whoever handled faults before, also the functions of
//! the interface outside of calls, which write where the embedder says.

use wasm_aot_abi::layout::{Memory, ProgramInfo};
use wasm_aot_abi::library::Instance;
use wasm_aot_abi::trap::{self, Trap};

use crate::program::{code_offset, program, slice};
use crate::stack::frame::Frame;
use crate::sys::signal::Fault;

use super::{enter, info, owner, report};

/// Handles a fault of Wasm code: makes the interrupted code go on behind the innermost call. False if it isn't ours.
pub fn handle(fault: Fault<'_>) -> bool {
    let program = program();
    let Some(offset) = code_offset(program, fault.pc) else { return false };
    let frame = Frame::interrupted(fault.context);
    let only = info().state;
    let instance = if only.is_null() { enter::instance_of(frame) } else { Some(only) };
    let Some(instance) = instance else { return false };
    if !owner::is_in_wasm(instance) {
        return false;
    }
    let Some(trap) = classify(program, instance, offset, &fault) else { return false };
    report::record(instance, fault.pc, frame, fault.address);
    // SAFETY: Wasm code runs in a call, and has nothing to clean up.
    unsafe { enter::resume(instance, trap as i32, fault.context) };
    true
}

/// Which trap a fault at this offset of the code stands for; `None` if Wasm code can't have caused it.
fn classify(program: &ProgramInfo, instance: *mut Instance, offset: u32, fault: &Fault<'_>) -> Option<Trap> {
    let traps = &program.traps;
    // SAFETY: the compiler describes its own data.
    let (offsets, codes) = unsafe { (slice(traps.offsets, traps.count), slice(traps.codes, traps.count)) };
    if let Some(trap) = trap::lookup(offsets, codes, offset) {
        return Some(trap);
    }
    (fault.is_access() && is_in_memory(instance, fault.address)).then_some(Trap::MemoryOutOfBounds)
}

/// Whether the reservation of a memory of the instance contains this address.
fn is_in_memory(instance: *mut Instance, address: usize) -> bool {
    let info = info();
    // SAFETY: the compiler describes its own data; the descriptors lie in the state, and are only read.
    unsafe {
        slice(info.memories, info.memory_count).iter().any(|&offset| {
            let memory = instance.byte_add(offset as usize).cast::<Memory>();
            let base = (*memory).base as usize;
            base != 0 && address.wrapping_sub(base) < (*memory).reservation as usize
        })
    }
}
