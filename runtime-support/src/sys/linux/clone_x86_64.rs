//! `clone` with a stack for the new thread, x86-64.

use core::arch::global_asm;

// Parameters: flags in rdi, stack in rsi, cleared word in rdx, argument in rcx, function in r8.
global_asm!(
    ".section .text.wasm_aot_clone,\"ax\",@progbits",
    ".globl wasm_aot_clone",
    "wasm_aot_clone:",
    ".cfi_startproc",
    "mov r10, rdx",
    "mov r9, rcx",
    "mov eax, 56",
    "syscall",
    "test rax, rax",
    "jz 1f",
    "ret",
    "1:",
    ".cfi_undefined rip",
    "xor ebp, ebp",
    "mov rdi, r9",
    "call r8",
    "ud2",
    ".cfi_endproc",
    ".text",
);
