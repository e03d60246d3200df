//! Entering and leaving the search for a handler, aarch64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

use core::arch::global_asm;

macro_rules! entry {
    ($name:literal, $function:path) => {
        global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!($name, ":"),
            "stp x29, x30, [sp, #-96]!",
            "mov x29, sp",
            "stp x19, x20, [sp, #16]",
            "stp x21, x22, [sp, #32]",
            "stp x23, x24, [sp, #48]",
            "stp x25, x26, [sp, #64]",
            "stp x27, x28, [sp, #80]",
            "mov x1, x29",
            "bl {function}",
            "udf 0",
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
    "mov sp, x1",
    "mov x29, x2",
    "mov x16, x0",
    "mov x0, x3",
    "br x16",
    ".text",
);
