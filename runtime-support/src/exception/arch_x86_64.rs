//! Entering and leaving the search for a handler (see `assembly`), x86-64.
//!
//! The entries put every register that callees keep on the stack, where a collection finds references.

entries! {
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, 8",
    "mov rsi, rbp",
    "call {function}",
    "ud2",
}

resume! {
    "mov rsp, rsi",
    "mov rbp, rdx",
    "mov rax, rcx",
    "jmp rdi",
}
