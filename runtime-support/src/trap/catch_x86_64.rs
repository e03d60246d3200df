//! Saving the callee-saved registers around a call that may trap, x86-64.

use core::arch::global_asm;

global_asm!(
    ".section .text.wasm_aot_call_catching,\"ax\",@progbits",
    ".globl wasm_aot_call_catching",
    ".globl wasm_aot_call_landing",
    "wasm_aot_call_catching:",
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
    "wasm_aot_call_landing:",
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

unsafe extern "C" {
    fn wasm_aot_call_catching(
        function: extern "C" fn(*mut u64),
        argument: *mut u64,
        stack_pointer: *mut usize,
    ) -> usize;
    fn wasm_aot_call_landing();
}

/// Calls `function(argument)` and returns 0. Execution that is resumed at `landing()` with the
/// stack pointer that was stored returns the value in the first return register instead.
///
/// # Safety
/// `stack_pointer` is writable.
pub unsafe fn call_catching(
    function: extern "C" fn(*mut u64),
    argument: *mut u64,
    stack_pointer: *mut usize,
) -> usize {
    // SAFETY: as the caller promises.
    unsafe { wasm_aot_call_catching(function, argument, stack_pointer) }
}

pub fn landing() -> usize {
    wasm_aot_call_landing as *const () as usize
}
