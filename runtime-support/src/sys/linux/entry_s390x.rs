//! `_start`, s390x.

use core::arch::global_asm;

/// A called function may save registers in this many bytes at the stack pointer. The first word is
/// its caller's backchain, 0 for the outermost.
const REGISTER_SAVE_AREA: usize = 160;

global_asm!(
    ".globl _start",
    ".hidden __ehdr_start",
    ".hidden _DYNAMIC",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined %r14",
    "lgr %r2, %r15",
    "larl %r3, __ehdr_start",
    "larl %r4, _DYNAMIC",
    "aghi %r15, -{area}",
    "xc 0(8,%r15), 0(%r15)",
    "brasl %r14, {start}",
    ".short 0",
    ".cfi_endproc",
    area = const REGISTER_SAVE_AREA,
    start = sym super::wasm_aot_start,
);
