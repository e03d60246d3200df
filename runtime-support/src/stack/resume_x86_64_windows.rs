//! Entering and leaving the search for a handler (see `assembly`), x86-64 on Windows.
//!
//! As on other systems, the entries are called with the convention of Wasm code, and put every register that callees
//! keep there on the stack. The search itself has the convention of Windows: arguments are in rcx, rdx, r8 and r9,
//! and from 40 bytes above the stack pointer on; 32 bytes of the caller's frame are the callee's.

/// Defines an entry, see `entry_point`.
macro_rules! throwing_entry {
    ($name:literal, $function:path) => {
        entry_point! {
            $name, $function,
            "push rbp",
            "mov rbp, rsp",
            "sub rsp, 544",
            "mov [rsp + 56], rbx",
            "mov [rsp + 128], r12",
            "mov [rsp + 136], r13",
            "mov [rsp + 144], r14",
            "mov [rsp + 152], r15",
            "mov rcx, rdi",
            "mov rdx, rbp",
            "lea r8, [rsp + 32]",
            "call {function}",
            "ud2",
        }
    };
}

resume! {
    "mov rax, [rsp + 40]",
    "mov rbx, [rax + 24]",
    "mov r12, [rax + 96]",
    "mov r13, [rax + 104]",
    "mov r14, [rax + 112]",
    "mov r15, [rax + 120]",
    "mov rsp, rdx",
    "mov rbp, r8",
    "mov rax, r9",
    "jmp rcx",
}
