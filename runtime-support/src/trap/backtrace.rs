//! The functions on the stack of Wasm code.

use wasm_aot_abi::layout::Program;

use super::code_offset;
use super::frame::{Caller, Frame};

/// Calls `visit` with the code offset of each Wasm frame, innermost first: of the instruction at
/// `pc`, then of each caller's call instruction (more exactly, its last byte).
pub fn walk(program: &Program, pc: usize, mut frame: Frame, mut visit: impl FnMut(u32)) {
    if let Some(offset) = code_offset(program, pc) {
        visit(offset);
    }
    while let Some(Caller { return_address, frame: next }) = frame.caller() {
        if let Some(offset) = code_offset(program, return_address.wrapping_sub(1)) {
            visit(offset);
        }
        if next <= frame {
            break;
        }
        frame = next;
    }
}
