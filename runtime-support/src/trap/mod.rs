//! Traps: from a hardware fault to the Wasm trap that it stands for, the report, the exit. What traps without a fault
//! is in `fail`.

mod timeout;

use wasm_aot_abi::layout::ProgramInfo;
use wasm_aot_abi::trap::{self, TRAP_EXIT_CODE, Trap};

use crate::fail::{INTERNAL_ERROR_EXIT_CODE, report};
use crate::program::{code_offset, program, slice};
use crate::stack::bounds::guard_contains;
use crate::stack::catch;
use crate::stack::frame::Frame;
use crate::sys::signal::{self, Fault};
use crate::{memory, sys};

/// Directs hardware faults to the trap handler.
pub fn install() {
    signal::install(handle);
}

fn handle(fault: Fault<'_>) {
    let program = program();
    let Some(trap) = classify(program, &fault) else {
        report::internal_error(&fault);
        sys::exit(INTERNAL_ERROR_EXIT_CODE);
    };
    if catch::resume(trap, fault.context) {
        return;
    }
    // SAFETY: the compiler describes its own data.
    let message = unsafe { trap::find_message(program.traps.messages, trap) };
    report::trap(message, fault.pc, Frame::interrupted(fault.context), fault.address);
    sys::exit(TRAP_EXIT_CODE)
}

/// Which trap a fault stands for; `None` if Wasm code can't have caused it.
fn classify(program: &ProgramInfo, fault: &Fault<'_>) -> Option<Trap> {
    let access = fault.is_access();
    if access && guard_contains(fault.address) {
        return Some(Trap::CallStackExhausted);
    }
    let offset = code_offset(program, fault.pc)?;
    let traps = &program.traps;
    // SAFETY: the compiler describes its own data.
    let (offsets, codes) = unsafe { (slice(traps.offsets, traps.count), slice(traps.codes, traps.count)) };
    if let Some(trap) = trap::lookup(offsets, codes, offset) {
        return Some(trap);
    }
    (access && memory::reservation_contains(program, fault.address)).then_some(Trap::MemoryOutOfBounds)
}
