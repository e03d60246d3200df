//! `clone` with a stack for the new thread, s390x.

use core::arch::global_asm;

// Parameters: flags in r2, stack in r3, cleared word in r4, argument in r5, function in r6.
global_asm!(
    ".section .text.wasm_aot_clone,\"ax\",@progbits",
    ".globl wasm_aot_clone",
    "wasm_aot_clone:",
    ".cfi_startproc",
    "lgr %r0, %r5",
    "lgr %r1, %r2",
    "lgr %r2, %r3",
    "lgr %r3, %r1",
    "lgr %r5, %r4",
    "lghi %r1, 120",
    "svc 0",
    "ltgr %r2, %r2",
    "jz 1f",
    "br %r14",
    "1:",
    ".cfi_undefined %r14",
    "aghi %r15, -160",
    "xc 0(8, %r15), 0(%r15)",
    "lgr %r2, %r0",
    "basr %r14, %r6",
    "j .+2",
    ".cfi_endproc",
    ".text",
);
