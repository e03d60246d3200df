//! Entering and leaving the search for a handler (see `assembly`), aarch64.
//!
//! The entries put every register that callees keep on the stack, as `wasm_aot_abi::exception::Registers`. The
//! search restores them from there, and a collection finds references there.

/// Defines an entry, see `entry_point`.
macro_rules! throwing_entry {
    ($name:literal, $function:path) => {
        entry_point! {
            $name, $function,
            "stp x29, x30, [sp, #-16]!",
            unwind!("def_cfa_offset 16"),
            unwind!("offset x29, -16"),
            unwind!("offset x30, -8"),
            "mov x29, sp",
            unwind!("def_cfa_register x29"),
            "sub sp, sp, #512",
            "stp x19, x20, [sp, #152]",
            "stp x21, x22, [sp, #168]",
            "stp x23, x24, [sp, #184]",
            "stp x25, x26, [sp, #200]",
            "stp x27, x28, [sp, #216]",
            "stp d8, d9, [sp, #320]",
            "stp d10, d11, [sp, #336]",
            "stp d12, d13, [sp, #352]",
            "stp d14, d15, [sp, #368]",
            "mov x1, x29",
            "mov x2, sp",
            "bl {function}",
            "udf 0",
        }
    };
}

resume! {
    "ldp x19, x20, [x4, #152]",
    "ldp x21, x22, [x4, #168]",
    "ldp x23, x24, [x4, #184]",
    "ldp x25, x26, [x4, #200]",
    "ldp x27, x28, [x4, #216]",
    "ldp d8, d9, [x4, #320]",
    "ldp d10, d11, [x4, #336]",
    "ldp d12, d13, [x4, #352]",
    "ldp d14, d15, [x4, #368]",
    "mov sp, x1",
    "mov x29, x2",
    "mov x16, x0",
    "mov x0, x3",
    "br x16",
}
