//! Entering and leaving the search for a handler (see `assembly`), x86-64 with the convention of Windows.
//!
//! The entries put every register that callees keep in Wasm code on the stack, where a collection finds references.

entries! {
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, 40",
    "mov rdx, rbp",
    "call {function}",
    "ud2",
}

resume! {
    "mov rsp, rdx",
    "mov rbp, r8",
    "mov rax, r9",
    "jmp rcx",
}
