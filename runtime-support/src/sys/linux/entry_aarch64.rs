//! `_start`, aarch64.

use core::arch::global_asm;

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined x30",
    "mov x29, xzr",
    "mov x30, xzr",
    "mov x0, sp",
    "adrp x1, __ehdr_start",
    "add x1, x1, :lo12:__ehdr_start",
    "adrp x2, _DYNAMIC",
    "add x2, x2, :lo12:_DYNAMIC",
    "bl {start}",
    "udf 0",
    ".cfi_endproc",
    start = sym super::wasm_aot_start,
);
