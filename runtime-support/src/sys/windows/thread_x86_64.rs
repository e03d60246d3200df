//! Going from one stack to another, x86-64. The TEB is at `gs`: StackBase at 8, StackLimit at 16, DeallocationStack at
//! 0x1478.

use core::arch::{asm, global_asm};

global_asm!(
    function_section!("wasm_aot_thread_start"),
    ".globl wasm_aot_thread_start",
    ".globl wasm_aot_thread_end",
    "wasm_aot_thread_start:",
    "push qword ptr [rcx + 24]",
    "push qword ptr gs:[0x8]",
    "push qword ptr gs:[0x10]",
    "push qword ptr gs:[0x1478]",
    "mov [rcx], rsp",
    "lea rax, [rcx + 64]",
    "mov rdx, [rcx + 32]",
    "mov gs:[0x8], rax",
    "mov gs:[0x10], rdx",
    "mov gs:[0x1478], rdx",
    "lea rsp, [rcx - 32]",
    "xor ebp, ebp",
    "mov rax, [rcx + 8]",
    "mov rcx, [rcx + 16]",
    "call rax",
    "ud2",
    "wasm_aot_thread_end:",
    "mov rax, gs:[0x8]",
    "mov rsp, [rax - 64]",
    "pop qword ptr gs:[0x1478]",
    "pop qword ptr gs:[0x10]",
    "pop qword ptr gs:[0x8]",
    "pop rcx",
    "and rsp, -16",
    "sub rsp, 32",
    "call {ended}",
    "ud2",
    ".text",
    ended = sym crate::sys::windows::thread_end::ended,
);

/// Calls a function of Wasm code on another stack.
///
/// # Safety
/// As for `super::run_first`.
pub unsafe fn call_on_stack(function: extern "C" fn(), bottom: usize, stack_top: *mut u8) {
    // SAFETY: the callee keeps r12 to r15 (System V ABI), so all is as before.
    unsafe {
        asm!(
            "mov r12, rsp",
            "mov r13, gs:[0x8]",
            "mov r14, gs:[0x10]",
            "mov r15, gs:[0x1478]",
            "lea rax, [{top} + 64]",
            "mov gs:[0x8], rax",
            "mov gs:[0x10], {bottom}",
            "mov gs:[0x1478], {bottom}",
            "mov rsp, {top}",
            "call {function}",
            "mov rsp, r12",
            "mov gs:[0x8], r13",
            "mov gs:[0x10], r14",
            "mov gs:[0x1478], r15",
            top = in(reg) stack_top,
            bottom = in(reg) bottom,
            function = in(reg) function,
            out("rax") _,
            out("r12") _,
            out("r13") _,
            out("r14") _,
            out("r15") _,
            clobber_abi("sysv64")
        );
    }
}
