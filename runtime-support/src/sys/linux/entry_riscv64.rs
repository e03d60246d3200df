//! `_start` and the switch to the Wasm stack, riscv64.

use core::arch::{asm, global_asm};

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    "mv s0, zero",
    "mv ra, zero",
    "mv a0, sp",
    "lla a1, __ehdr_start",
    "lla a2, _DYNAMIC",
    "call {start}",
    "unimp",
    start = sym super::wasm_aot_start,
);

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
