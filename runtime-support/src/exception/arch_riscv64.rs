//! Entering and leaving the search for a handler, riscv64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

use core::arch::global_asm;

macro_rules! entry {
    ($name:literal, $function:path) => {
        global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!($name, ":"),
            "addi sp, sp, -112",
            "sd ra, 104(sp)",
            "sd s0, 96(sp)",
            "addi s0, sp, 96",
            "sd s1, 0(sp)",
            "sd s2, 8(sp)",
            "sd s3, 16(sp)",
            "sd s4, 24(sp)",
            "sd s5, 32(sp)",
            "sd s6, 40(sp)",
            "sd s7, 48(sp)",
            "sd s8, 56(sp)",
            "sd s9, 64(sp)",
            "sd s10, 72(sp)",
            "sd s11, 80(sp)",
            "mv a1, s0",
            "call {function}",
            "unimp",
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
    "mv sp, a1",
    "mv s0, a2",
    "mv t0, a0",
    "mv a0, a3",
    "jr t0",
    ".text",
);
