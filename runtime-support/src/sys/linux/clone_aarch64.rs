//! `clone` with a stack for the new thread, aarch64.

use core::arch::global_asm;

// Parameters: flags in x0, stack in x1, cleared word in x2, argument in x3, function in x4.
global_asm!(
    ".section .text.wasm_aot_clone,\"ax\",@progbits",
    ".globl wasm_aot_clone",
    "wasm_aot_clone:",
    ".cfi_startproc",
    "mov x5, x3",
    "mov x6, x4",
    "mov x4, x2",
    "mov x8, 220",
    "svc 0",
    "cbz x0, 1f",
    "ret",
    "1:",
    ".cfi_undefined x30",
    "mov x29, xzr",
    "mov x0, x5",
    "blr x6",
    "udf 0",
    ".cfi_endproc",
    ".text",
);
