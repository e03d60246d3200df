//! `_start`, riscv64.

use core::arch::global_asm;

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined ra",
    "mv s0, zero",
    "mv ra, zero",
    "mv a0, sp",
    "lla a1, __ehdr_start",
    "lla a2, _DYNAMIC",
    "call {start}",
    "unimp",
    ".cfi_endproc",
    start = sym super::wasm_aot_start,
);
