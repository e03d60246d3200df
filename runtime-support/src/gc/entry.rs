//! `Builtin::GcAllocate`: where compiled code enters the collector. It is assembly, as the collector must
//! know the frame that compiled code called: it calls `allocate` with the first argument as it is, and the frame as
//! the second.

macro_rules! entry {
    ($($instruction:expr,)*) => {
        core::arch::global_asm!(
            function_section!("wasm_aot_gc_allocate"),
            ".globl wasm_aot_gc_allocate",
            "wasm_aot_gc_allocate:",
            unwind!("startproc"),
            $($instruction,)*
            unwind!("endproc"),
            ".text",
            function = sym super::allocate,
        );
    };
}

// The convention of Windows: 32 bytes of the caller's frame are the callee's.
#[cfg(all(target_arch = "x86_64", target_os = "windows"))]
entry! {
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 32",
    "mov rdx, rbp",
    "call {function}",
    "add rsp, 32",
    "pop rbp",
    "ret",
}

#[cfg(all(target_arch = "x86_64", not(target_os = "windows")))]
entry! {
    "push rbp",
    unwind!("def_cfa_offset 16"),
    unwind!("offset rbp, -16"),
    "mov rbp, rsp",
    unwind!("def_cfa_register rbp"),
    "mov rsi, rbp",
    "call {function}",
    "pop rbp",
    unwind!("def_cfa rsp, 8"),
    unwind!("restore rbp"),
    "ret",
}

#[cfg(target_arch = "aarch64")]
entry! {
    "stp x29, x30, [sp, #-16]!",
    unwind!("def_cfa_offset 16"),
    unwind!("offset x29, -16"),
    unwind!("offset x30, -8"),
    "mov x29, sp",
    "mov x1, x29",
    "bl {function}",
    "ldp x29, x30, [sp], #16",
    unwind!("def_cfa_offset 0"),
    unwind!("restore x29"),
    unwind!("restore x30"),
    "ret",
}

#[cfg(target_arch = "riscv64")]
entry! {
    "addi sp, sp, -16",
    unwind!("def_cfa_offset 16"),
    "sd ra, 8(sp)",
    unwind!("offset ra, -8"),
    "sd s0, 0(sp)",
    unwind!("offset s0, -16"),
    "addi s0, sp, 16",
    "mv a1, sp",
    "call {function}",
    "ld ra, 8(sp)",
    unwind!("restore ra"),
    "ld s0, 0(sp)",
    unwind!("restore s0"),
    "addi sp, sp, 16",
    unwind!("def_cfa_offset 0"),
    "ret",
}

#[cfg(target_arch = "s390x")]
entry! {
    "stmg %r14, %r15, 112(%r15)",
    unwind!("offset %r14, -48"),
    unwind!("offset %r15, -40"),
    "lgr %r3, %r15",
    "aghi %r15, -160",
    unwind!("def_cfa_offset 320"),
    "stg %r3, 0(%r15)",
    "brasl %r14, {function}",
    "lmg %r14, %r15, 272(%r15)",
    unwind!("def_cfa_offset 160"),
    unwind!("restore %r14"),
    unwind!("restore %r15"),
    "br %r14",
}
