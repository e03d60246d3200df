//! The switch to the Wasm stack, riscv64.

use core::arch::asm;

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: s2 is kept by the callee (RISC-V ABI), so the old stack pointer is restored.
    unsafe {
        asm!("mv s2, sp", "mv sp, {top}", "jalr {function}", "mv sp, s2",
            top = in(reg) stack_top, function = in(reg) function, out("s2") _, clobber_abi("C"));
    }
}
