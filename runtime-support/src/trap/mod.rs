//! Traps: from a hardware fault to the Wasm trap that it stands for, the report, the exit.

mod backtrace;
pub mod catch;
pub mod frame;
mod report;
mod timeout;

use wasm_aot_abi::layout::ProgramInfo;
use wasm_aot_abi::trap::{self, TRAP_EXIT_CODE, Trap};

use self::frame::{Caller, Frame};
use crate::program::{program, slice};
use crate::start::guard_contains;
use crate::sys::signal::{self, Fault};
use crate::{memory, sys};

/// Exit code after a fault that is no Wasm trap: a defect of ours.
pub const INTERNAL_ERROR_EXIT_CODE: i32 = 70;

/// Directs hardware faults to the trap handler.
pub fn install() {
    signal::install(handle);
}

fn handle(fault: Fault<'_>) {
    let program = program();
    let Some(trap) = classify(program, &fault) else {
        report::internal_error(program, &fault);
        sys::exit(INTERNAL_ERROR_EXIT_CODE);
    };
    if catch::resume(trap, fault.context) {
        return;
    }
    // SAFETY: the compiler describes its own data.
    let message = unsafe { trap::find_message(program.traps.messages, trap) };
    report::trap(program, message, fault.pc, Frame::interrupted(fault.context));
    sys::exit(TRAP_EXIT_CODE)
}

/// Traps without a fault. `frame`: that of a function which Wasm code called. Inlined, so that a program
/// has only the messages of the functions that it is linked with.
#[inline(always)]
pub fn raise(trap: Trap, frame: Frame) -> ! {
    raise_with(trap, trap.message(), frame)
}

#[cold]
#[inline(never)]
fn raise_with(trap: Trap, message: &str, frame: Frame) -> ! {
    catch::leave(trap);
    end_with(message, frame)
}

/// As `raise`, where the runtime is in the middle of something: not even a script goes on.
#[inline(always)]
pub fn end(trap: Trap, frame: Frame) -> ! {
    end_with(trap.message(), frame)
}

#[cold]
#[inline(never)]
fn end_with(message: &str, frame: Frame) -> ! {
    let Some(Caller { return_address, frame }) = frame.caller() else { sys::exit(INTERNAL_ERROR_EXIT_CODE) };
    report::trap(program(), message.as_bytes(), return_address.wrapping_sub(1), frame);
    sys::exit(TRAP_EXIT_CODE)
}

/// Traps in a function of the runtime that Wasm code called, however deep. Nothing catches that: scripts
/// have no host functions. Inlined as above.
#[inline(always)]
pub fn raise_in_host(trap: Trap) -> ! {
    raise_in_host_with(trap.message())
}

#[cold]
#[inline(never)]
fn raise_in_host_with(message: &str) -> ! {
    // The frames of the runtime aren't shown.
    report::trap(program(), message.as_bytes(), 0, Frame::current());
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

/// Offset of `pc` in the Wasm code, if it is there.
pub fn code_offset(program: &ProgramInfo, pc: usize) -> Option<u32> {
    let (start, end) = (program.text_start as usize, program.text_end as usize);
    (start..end).contains(&pc).then(|| (pc - start) as u32)
}
