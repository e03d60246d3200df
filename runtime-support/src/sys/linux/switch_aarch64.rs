//! The switch to the Wasm stack, aarch64.

use core::arch::asm;

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: x20 is kept by the callee (AAPCS64), so the old stack pointer is restored.
    unsafe {
        asm!("mov x20, sp", "mov sp, {top}", "blr {function}", "mov sp, x20",
            top = in(reg) stack_top, function = in(reg) function, out("x20") _, clobber_abi("C"));
    }
}
