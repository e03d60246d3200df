//! `clone` with a stack for the new thread, riscv64.

use core::arch::global_asm;

// Parameters: flags in a0, stack in a1, cleared word in a2, argument in a3, function in a4.
global_asm!(
    ".section .text.wasm_aot_clone,\"ax\",@progbits",
    ".globl wasm_aot_clone",
    "wasm_aot_clone:",
    ".cfi_startproc",
    "mv a5, a3",
    "mv a6, a4",
    "mv a4, a2",
    "li a7, 220",
    "ecall",
    "beqz a0, 1f",
    "ret",
    "1:",
    ".cfi_undefined ra",
    "li s0, 0",
    "mv a0, a5",
    "jalr a6",
    "unimp",
    ".cfi_endproc",
    ".text",
);
