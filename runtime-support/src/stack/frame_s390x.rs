//! Frames on s390x (ELF ABI s390x supplement, "The Stack Frame"): the word at the stack pointer is
//! the backchain, the stack pointer at the entry of the function. The register save area of 160
//! bytes there is the caller's, with the caller's backchain first and the function's return address
//! in the slot of r14.

use crate::stack::bounds::stack_contains;
use crate::sys::signal::Context;

/// Offset of the return address from the frame pointer.
pub const RETURN_ADDRESS: usize = 14 * 8;

/// How the report of a fault continues, before the address: that of the page, since the hardware tells no more.
pub const ACCESS_AT: &[u8] = b" in the page at 0x";

/// Stack pointer at the entry of the interrupted function.
pub fn interrupted(context: &Context) -> usize {
    let stack_pointer = context.stack_pointer();
    if stack_pointer.is_multiple_of(8) && stack_contains(stack_pointer) {
        // SAFETY: the word lies in the stack of the Wasm code, which stays mapped.
        return unsafe { (stack_pointer as *const usize).read() };
    }
    // The prologue ran into the guard when it was about to store the backchain there, which is still in r1.
    context.backchain_in_prologue()
}

/// Stack pointer at the entry of the function that this is inlined into.
#[inline(always)]
pub fn current() -> usize {
    let frame;
    // SAFETY: reads the backchain, which every function of the runtime stores that calls others.
    unsafe {
        core::arch::asm!("lg {}, 0(%r15)", out(reg) frame, options(readonly, nostack, preserves_flags))
    };
    frame
}
