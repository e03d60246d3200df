//! Traps that functions of the runtime raise, without a fault: what `fail` has in libraries.

use wasm_aot_abi::library::LibraryError;
use wasm_aot_abi::trap::Trap;

use crate::stack::frame::{Caller, Frame};

use super::{current, enter, leave, report};

/// Traps without a fault. `frame`: that of a function which Wasm code called.
#[cold]
#[inline(never)]
pub fn raise(trap: Trap, frame: Frame) -> ! {
    let (pc, frame) = match frame.caller() {
        Some(Caller { return_address, frame }) => (return_address.wrapping_sub(1), frame),
        None => (0, frame),
    };
    end_call(trap, pc, frame)
}

/// As `raise`: where an instance ends by any trap, it doesn't matter what the runtime was doing with it.
pub fn end(trap: Trap, frame: Frame) -> ! {
    raise(trap, frame)
}

/// Traps in a function of the runtime that Wasm code called, however deep.
#[cold]
#[inline(never)]
pub fn raise_in_host(trap: Trap) -> ! {
    end_call(trap, 0, Frame::current())
}

fn end_call(trap: Trap, pc: usize, frame: Frame) -> ! {
    let instance = current();
    report::record(instance, pc, frame, 0);
    // SAFETY: Wasm code has called the runtime, so a call is under way; neither has anything to clean up.
    unsafe { enter::leave(instance, trap as i32) }
}

/// Ends the making of an instance for which there is no memory or address space.
pub fn fail(_message: &[u8]) -> ! {
    leave::leave(current(), LibraryError::NoMemory)
}

/// Ends the making of an instance whose grants can't be had.
pub fn fail_because(_parts: &[&[u8]]) -> ! {
    leave::leave(current(), LibraryError::InvalidOptions)
}
