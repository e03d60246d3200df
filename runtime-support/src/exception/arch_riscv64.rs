//! Entering and leaving the search for a handler (see `assembly`), riscv64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

entries! {
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
}

resume! {
    "mv sp, a1",
    "mv s0, a2",
    "mv t0, a0",
    "mv a0, a3",
    "jr t0",
}
