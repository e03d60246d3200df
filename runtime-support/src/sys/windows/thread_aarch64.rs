//! Going from one stack to another, aarch64. The TEB is at x18: StackBase at 8, StackLimit at 16, DeallocationStack at
//! 0x1478.

use core::arch::{asm, global_asm};

global_asm!(
    function_section!("wasm_aot_thread_start"),
    ".globl wasm_aot_thread_start",
    ".globl wasm_aot_thread_end",
    "wasm_aot_thread_start:",
    "ldp x9, x10, [x18, #8]",
    "ldr x11, [x18, #0x1478]",
    "ldr x12, [x0, #24]",
    "stp x9, x10, [sp, #-32]!",
    "stp x11, x12, [sp, #16]",
    "mov x9, sp",
    "str x9, [x0]",
    "add x9, x0, #64",
    "ldr x10, [x0, #32]",
    "stp x9, x10, [x18, #8]",
    "str x10, [x18, #0x1478]",
    "mov sp, x0",
    "mov x29, xzr",
    "ldp x8, x0, [x0, #8]",
    "blr x8",
    "brk #1",
    "wasm_aot_thread_end:",
    "ldr x9, [x18, #8]",
    "ldr x9, [x9, #-64]",
    "mov sp, x9",
    "ldp x11, x0, [sp, #16]",
    "ldp x9, x10, [sp], #32",
    "stp x9, x10, [x18, #8]",
    "str x11, [x18, #0x1478]",
    "bl {ended}",
    "brk #1",
    ".text",
    ended = sym crate::sys::windows::thread_end::ended,
);

/// Calls a function of Wasm code on another stack.
///
/// # Safety
/// As for `super::run_first`.
pub unsafe fn call_on_stack(function: extern "C" fn(), bottom: usize, stack_top: *mut u8) {
    // SAFETY: the callee keeps x20 to x23, so all is as before.
    unsafe {
        asm!(
            "mov x20, sp",
            "ldp x21, x22, [x18, #8]",
            "ldr x23, [x18, #0x1478]",
            "add x9, {top}, #64",
            "stp x9, {bottom}, [x18, #8]",
            "str {bottom}, [x18, #0x1478]",
            "mov sp, {top}",
            "blr {function}",
            "mov sp, x20",
            "stp x21, x22, [x18, #8]",
            "str x23, [x18, #0x1478]",
            top = in(reg) stack_top,
            bottom = in(reg) bottom,
            function = in(reg) function,
            out("x9") _,
            out("x20") _,
            out("x21") _,
            out("x22") _,
            out("x23") _,
            clobber_abi("C")
        );
    }
}
