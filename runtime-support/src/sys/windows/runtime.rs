//! What compilers for Windows expect a C library to have.

use core::arch::global_asm;

/// Tells a C library that floating-point numbers are in use.
#[unsafe(export_name = "_fltused")]
static FLOATS_ARE_USED: i32 = 0;

// Functions with a frame larger than a page call it with the size in rax, which it keeps: it touches each
// page, as the system wants ("Prolog and epilog", x64 ABI).
#[cfg(target_arch = "x86_64")]
global_asm!(
    function_section!("__chkstk"),
    ".globl __chkstk",
    "__chkstk:",
    "push rcx",
    "push rax",
    "lea rcx, [rsp + 24]",
    "2:",
    "cmp rax, 4096",
    "jb 3f",
    "sub rcx, 4096",
    "test [rcx], rcx",
    "sub rax, 4096",
    "jmp 2b",
    "3:",
    "sub rcx, rax",
    "test [rcx], rcx",
    "pop rax",
    "pop rcx",
    "ret",
    ".text",
);

// The same function here, but with the size divided by 16 in x15; x16 and x17 are its to use ("Stack", ARM64 ABI).
#[cfg(target_arch = "aarch64")]
global_asm!(
    function_section!("__chkstk"),
    ".globl __chkstk",
    "__chkstk:",
    "lsl x16, x15, 4",
    "mov x17, sp",
    "2:",
    "cmp x16, 4096",
    "b.lo 3f",
    "sub x17, x17, 4096",
    "ldr xzr, [x17]",
    "sub x16, x16, 4096",
    "b 2b",
    "3:",
    "sub x17, x17, x16",
    "ldr xzr, [x17]",
    "ret",
    ".text",
);
