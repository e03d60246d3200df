//! `_start`, x86-64.

use core::arch::global_asm;

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "lea rsi, [rip + __ehdr_start]",
    "lea rdx, [rip + _DYNAMIC]",
    "and rsp, -16",
    "call {start}",
    "hlt",
    ".cfi_endproc",
    start = sym super::wasm_aot_start,
);
