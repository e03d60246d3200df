//! Entering and leaving the search for a handler (see `assembly`), riscv64.
//!
//! The entries put every register that callees keep on the stack, as `wasm_aot_abi::exception::Registers`. The
//! search restores them from there, and a collection finds references there.

/// Defines an entry, see `entry_point`.
macro_rules! throwing_entry {
    ($name:literal, $function:path) => {
        entry_point! {
            $name, $function,
            "addi sp, sp, -528",
            unwind!("def_cfa_offset 528"),
            "sd ra, 520(sp)",
            unwind!("offset ra, -8"),
            "sd s0, 512(sp)",
            unwind!("offset s0, -16"),
            "addi s0, sp, 512",
            unwind!("def_cfa s0, 16"),
            "sd s1, 72(sp)",
            "sd s2, 144(sp)",
            "sd s3, 152(sp)",
            "sd s4, 160(sp)",
            "sd s5, 168(sp)",
            "sd s6, 176(sp)",
            "sd s7, 184(sp)",
            "sd s8, 192(sp)",
            "sd s9, 200(sp)",
            "sd s10, 208(sp)",
            "sd s11, 216(sp)",
            "fsd fs0, 320(sp)",
            "fsd fs1, 328(sp)",
            "fsd fs2, 400(sp)",
            "fsd fs3, 408(sp)",
            "fsd fs4, 416(sp)",
            "fsd fs5, 424(sp)",
            "fsd fs6, 432(sp)",
            "fsd fs7, 440(sp)",
            "fsd fs8, 448(sp)",
            "fsd fs9, 456(sp)",
            "fsd fs10, 464(sp)",
            "fsd fs11, 472(sp)",
            "mv a1, s0",
            "mv a2, sp",
            "call {function}",
            "unimp",
        }
    };
}

resume! {
    "ld s1, 72(a4)",
    "ld s2, 144(a4)",
    "ld s3, 152(a4)",
    "ld s4, 160(a4)",
    "ld s5, 168(a4)",
    "ld s6, 176(a4)",
    "ld s7, 184(a4)",
    "ld s8, 192(a4)",
    "ld s9, 200(a4)",
    "ld s10, 208(a4)",
    "ld s11, 216(a4)",
    "fld fs0, 320(a4)",
    "fld fs1, 328(a4)",
    "fld fs2, 400(a4)",
    "fld fs3, 408(a4)",
    "fld fs4, 416(a4)",
    "fld fs5, 424(a4)",
    "fld fs6, 432(a4)",
    "fld fs7, 440(a4)",
    "fld fs8, 448(a4)",
    "fld fs9, 456(a4)",
    "fld fs10, 464(a4)",
    "fld fs11, 472(a4)",
    "mv sp, a1",
    "mv s0, a2",
    "mv t0, a0",
    "mv a0, a3",
    "jr t0",
}
