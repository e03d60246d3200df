//! Walks the frame pointers of Wasm code. Every frame of Wasm code starts with the saved frame
//! pointer and the return address, on all instruction sets that we have.

use wasm_aot_abi::layout::Program;

use super::code_offset;
use crate::start::stack_contains;

/// Calls `visit` with the code offset of each Wasm frame, innermost first: of the instruction at
/// `pc`, then of each caller's call instruction (more exactly, its last byte).
pub fn walk(program: &Program, pc: usize, mut frame: usize, mut visit: impl FnMut(u32)) {
    if let Some(offset) = code_offset(program, pc) {
        visit(offset);
    }
    while stack_contains(frame) && stack_contains(frame + 15) && frame.is_multiple_of(8) {
        // SAFETY: both words lie in the stack of the Wasm code, which stays mapped.
        let (next, return_address) =
            unsafe { ((frame as *const usize).read(), (frame as *const usize).add(1).read()) };
        if let Some(offset) = code_offset(program, return_address.wrapping_sub(1)) {
            visit(offset);
        }
        if next <= frame {
            break;
        }
        frame = next;
    }
}
