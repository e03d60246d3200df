//! Saving the callee-saved registers around a call that may trap, x86-64.

use core::arch::global_asm;

global_asm!(
    function_section!("wasm_aot_call_catching"),
    global!("wasm_aot_call_catching"),
    global_inside!("wasm_aot_call_landing"),
    define!("wasm_aot_call_catching"),
    "push rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, 8",
    "mov [rdx], rsp",
    "mov rax, rdi",
    "mov rdi, rsi",
    "call rax",
    "xor eax, eax",
    define!("wasm_aot_call_landing"),
    "add rsp, 8",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    ".text",
);
