//! Entering and leaving the search for a handler (see `assembly`), s390x.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

entries! {
    "stmg %r6, %r15, 48(%r15)",
    "lgr %r3, %r15",
    "aghi %r15, -160",
    "stg %r3, 0(%r15)",
    "brasl %r14, {function}",
    ".short 0",
}

resume! {
    "lgr %r15, %r3",
    "lgr %r1, %r2",
    "lgr %r2, %r5",
    "lgr %r6, %r5",
    "br %r1",
}
