//! Entering and leaving the search for a handler, x86-64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

use core::arch::global_asm;

macro_rules! entry {
    ($name:literal, $function:path) => {
        global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!($name, ":"),
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "sub rsp, 8",
            "mov rsi, rbp",
            "call {function}",
            "ud2",
            ".text",
            function = sym $function,
        );
    };
}

entry!("wasm_aot_throw", super::throw);
entry!("wasm_aot_throw_ref", super::throw_ref);

global_asm!(
    ".section .text.wasm_aot_resume,\"ax\",@progbits",
    ".globl wasm_aot_resume",
    "wasm_aot_resume:",
    "mov rsp, rsi",
    "mov rbp, rdx",
    "mov rax, rcx",
    "jmp rdi",
    ".text",
);
