//! Saving the callee-saved registers around a call that may trap, aarch64.

use core::arch::global_asm;

global_asm!(
    ".section .text.wasm_aot_call_catching,\"ax\",@progbits",
    ".globl wasm_aot_call_catching",
    ".globl wasm_aot_call_landing",
    "wasm_aot_call_catching:",
    "stp x29, x30, [sp, #-160]!",
    "stp x19, x20, [sp, #16]",
    "stp x21, x22, [sp, #32]",
    "stp x23, x24, [sp, #48]",
    "stp x25, x26, [sp, #64]",
    "stp x27, x28, [sp, #80]",
    "stp d8, d9, [sp, #96]",
    "stp d10, d11, [sp, #112]",
    "stp d12, d13, [sp, #128]",
    "stp d14, d15, [sp, #144]",
    "mov x9, sp",
    "str x9, [x2]",
    "mov x9, x0",
    "mov x0, x1",
    "blr x9",
    "mov x0, xzr",
    "wasm_aot_call_landing:",
    "ldp d14, d15, [sp, #144]",
    "ldp d12, d13, [sp, #128]",
    "ldp d10, d11, [sp, #112]",
    "ldp d8, d9, [sp, #96]",
    "ldp x27, x28, [sp, #80]",
    "ldp x25, x26, [sp, #64]",
    "ldp x23, x24, [sp, #48]",
    "ldp x21, x22, [sp, #32]",
    "ldp x19, x20, [sp, #16]",
    "ldp x29, x30, [sp], #160",
    "ret",
    ".text",
);

unsafe extern "C" {
    fn wasm_aot_call_catching(
        function: extern "C" fn(*mut u64),
        argument: *mut u64,
        stack_pointer: *mut usize,
    ) -> usize;
    fn wasm_aot_call_landing();
}

/// Calls `function(argument)` and returns 0. Execution that is resumed at `landing()` with the
/// stack pointer that was stored returns the value in the first return register instead.
///
/// # Safety
/// `stack_pointer` is writable.
pub unsafe fn call_catching(
    function: extern "C" fn(*mut u64),
    argument: *mut u64,
    stack_pointer: *mut usize,
) -> usize {
    // SAFETY: as the caller promises.
    unsafe { wasm_aot_call_catching(function, argument, stack_pointer) }
}

pub fn landing() -> usize {
    wasm_aot_call_landing as *const () as usize
}
