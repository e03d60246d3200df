//! The switch to the Wasm stack, x86-64.

use core::arch::asm;

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: r12 is kept by the callee (System V ABI), so the old stack pointer is restored.
    unsafe {
        asm!("mov r12, rsp", "mov rsp, {top}", "call {function}", "mov rsp, r12",
            top = in(reg) stack_top, function = in(reg) function, out("r12") _, clobber_abi("C"));
    }
}
