//! Traps that functions of the runtime raise, without a fault.

use wasm_aot_abi::trap::{TRAP_EXIT_CODE, Trap};

use super::message::INTERNAL_ERROR_EXIT_CODE;
use super::report;
use crate::stack::catch;
use crate::stack::frame::{Caller, Frame};
use crate::sys;

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
    report::trap(message.as_bytes(), return_address.wrapping_sub(1), frame, 0);
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
pub fn raise_in_host_with(message: &str) -> ! {
    // The frames of the runtime aren't shown.
    report::trap(message.as_bytes(), 0, Frame::current(), 0);
    sys::exit(TRAP_EXIT_CODE)
}
