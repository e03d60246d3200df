//! Entering and leaving the search for a handler, s390x.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

use core::arch::global_asm;

macro_rules! entry {
    ($name:literal, $function:path) => {
        global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!($name, ":"),
            "stmg %r6, %r15, 48(%r15)",
            "lgr %r3, %r15",
            "aghi %r15, -160",
            "stg %r3, 0(%r15)",
            "brasl %r14, {function}",
            ".short 0",
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
    "lgr %r15, %r3",
    "lgr %r1, %r2",
    "lgr %r2, %r5",
    "lgr %r6, %r5",
    "br %r1",
    ".text",
);
