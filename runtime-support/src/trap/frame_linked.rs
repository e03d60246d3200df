//! Frames of instruction sets with a frame pointer register: it points at the caller's, with the
//! return address above it (x86-64, aarch64 and riscv64 as Cranelift lays frames out).

use crate::sys::signal::Context;

/// Offset of the return address from the frame pointer.
pub const RETURN_ADDRESS: usize = 8;

/// Frame pointer of the interrupted function.
pub fn interrupted(context: &Context) -> usize {
    context.frame_pointer()
}
