//! Entering and leaving the search for a handler (see `assembly`), aarch64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

entries! {
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
}

resume! {
    "mov sp, x1",
    "mov x29, x2",
    "mov x16, x0",
    "mov x0, x3",
    "br x16",
}
