//! Entering and leaving the search for a handler (see `assembly`), x86-64.
//!
//! The entries put every register that callees keep on the stack, as `wasm_aot_abi::exception::Registers`. The
//! search restores them from there, and a collection finds references there.

/// Defines an entry, see `entry_point`.
macro_rules! throwing_entry {
    ($name:literal, $function:path) => {
        entry_point! {
            $name, $function,
            "push rbp",
            unwind!("def_cfa_offset 16"),
            unwind!("offset rbp, -16"),
            "mov rbp, rsp",
            unwind!("def_cfa_register rbp"),
            "sub rsp, 512",
            "mov [rsp + 24], rbx",
            "mov [rsp + 96], r12",
            "mov [rsp + 104], r13",
            "mov [rsp + 112], r14",
            "mov [rsp + 120], r15",
            "mov rsi, rbp",
            "mov rdx, rsp",
            "call {function}",
            "ud2",
        }
    };
}

resume! {
    "mov rbx, [r8 + 24]",
    "mov r12, [r8 + 96]",
    "mov r13, [r8 + 104]",
    "mov r14, [r8 + 112]",
    "mov r15, [r8 + 120]",
    "mov rsp, rsi",
    "mov rbp, rdx",
    "mov rax, rcx",
    "jmp rdi",
}
