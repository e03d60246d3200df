//! `_start` and the switch to the Wasm stack, aarch64.

use core::arch::{asm, global_asm};

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    "mov x29, xzr",
    "mov x30, xzr",
    "mov x0, sp",
    "adrp x1, __ehdr_start",
    "add x1, x1, :lo12:__ehdr_start",
    "adrp x2, _DYNAMIC",
    "add x2, x2, :lo12:_DYNAMIC",
    "bl {start}",
    "udf 0",
    start = sym super::wasm_aot_start,
);

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
