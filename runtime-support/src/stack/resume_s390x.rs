//! Entering and leaving the search for a handler (see `assembly`), s390x.
//!
//! The entries put every register that callees keep on the stack, as `wasm_aot_abi::exception::Registers`. The
//! search restores them from there, and a collection finds references there.

/// Defines an entry, see `entry_point`.
macro_rules! throwing_entry {
    ($name:literal, $function:path) => {
        entry_point! {
            $name, $function,
            "stmg %r6, %r15, 48(%r15)",
            unwind!("offset %r6, -112"),
            unwind!("offset %r7, -104"),
            unwind!("offset %r8, -96"),
            unwind!("offset %r9, -88"),
            unwind!("offset %r10, -80"),
            unwind!("offset %r11, -72"),
            unwind!("offset %r12, -64"),
            unwind!("offset %r13, -56"),
            unwind!("offset %r14, -48"),
            unwind!("offset %r15, -40"),
            "lgr %r3, %r15",
            "aghi %r15, -672",
            unwind!("def_cfa_offset 832"),
            "stg %r3, 0(%r15)",
            "la %r4, 160(%r15)",
            "stmg %r6, %r13, 48(%r4)",
            "std %f8, 320(%r4)",
            "std %f9, 328(%r4)",
            "std %f10, 336(%r4)",
            "std %f11, 344(%r4)",
            "std %f12, 352(%r4)",
            "std %f13, 360(%r4)",
            "std %f14, 368(%r4)",
            "std %f15, 376(%r4)",
            "brasl %r14, {function}",
            ".short 0",
        }
    };
}

resume! {
    "ld %f8, 320(%r6)",
    "ld %f9, 328(%r6)",
    "ld %f10, 336(%r6)",
    "ld %f11, 344(%r6)",
    "ld %f12, 352(%r6)",
    "ld %f13, 360(%r6)",
    "ld %f14, 368(%r6)",
    "ld %f15, 376(%r6)",
    "lmg %r7, %r13, 56(%r6)",
    "lgr %r15, %r3",
    "lgr %r1, %r2",
    "lgr %r2, %r5",
    "lgr %r6, %r5",
    "br %r1",
}
