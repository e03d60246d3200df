//! The switch to the Wasm stack.

use core::arch::asm;

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: the callee keeps the register that has the old stack pointer, so that is restored.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov r12, rsp", "mov rsp, {top}", "call {function}", "mov rsp, r12",
            top = in(reg) stack_top, function = in(reg) function, out("r12") _, clobber_abi("C"));
        #[cfg(target_arch = "aarch64")]
        asm!("mov x20, sp", "mov sp, {top}", "blr {function}", "mov sp, x20",
            top = in(reg) stack_top, function = in(reg) function, out("x20") _, clobber_abi("C"));
    }
}
