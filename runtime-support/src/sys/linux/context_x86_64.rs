//! The register state in a signal frame, x86-64 (`struct ucontext`, `struct sigcontext`).

/// SA_RESTORER: the kernel insists on a restorer here.
pub const RESTORER_FLAG: usize = 0x0400_0000;

/// Where a register of the interrupted code is, by its number in DWARF: its offset in [`Context`], at which the stack
/// pointer is then, as a signed LEB128 number of two bytes.
macro_rules! saved {
    ($register:literal, $low:literal, $high:literal) => {
        // DW_CFA_expression: DW_OP_breg7 (rsp).
        concat!(".cfi_escape 0x10, ", $register, ", 3, 0x77, ", $low, ", ", $high)
    };
}

restorer!(
    ".cfi_startproc",
    ".cfi_signal_frame",
    // DW_CFA_def_cfa_expression: what is at 160 from rsp.
    ".cfi_escape 0x0f, 4, 0x77, 0xa0, 0x01, 0x06",
    saved!(8, 0xa8, 0x00),
    saved!(9, 0xb0, 0x00),
    saved!(10, 0xb8, 0x00),
    saved!(11, 0xc0, 0x00),
    saved!(12, 0xc8, 0x00),
    saved!(13, 0xd0, 0x00),
    saved!(14, 0xd8, 0x00),
    saved!(15, 0xe0, 0x00),
    saved!(5, 0xe8, 0x00),
    saved!(4, 0xf0, 0x00),
    saved!(6, 0xf8, 0x00),
    saved!(3, 0x80, 0x01),
    saved!(1, 0x88, 0x01),
    saved!(0, 0x90, 0x01),
    saved!(2, 0x98, 0x01),
    saved!(7, 0xa0, 0x01),
    saved!(16, 0xa8, 0x01),
    // Unwinders look up the address before the one that a frame returns to.
    "nop",
    ".globl wasm_aot_sigreturn",
    "wasm_aot_sigreturn:",
    "mov eax, 15",
    "syscall",
    ".cfi_endproc",
);

#[repr(C)]
pub struct Context {
    flags_link_stack: [u64; 5],
    /// r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip.
    registers: [u64; 17],
}

impl Context {
    /// The signal of traps for which the kernel gives no code, so that they look as if a process had sent it. 0: none.
    #[cfg(feature = "libraries")]
    pub const UNNAMED_TRAP: u32 = 0;

    /// Address of the instruction that raised this signal.
    pub fn fault_pc(&self, _signal: u32) -> usize {
        self.registers[16] as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.registers[10] as usize
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.registers[16] = pc as u64;
        self.registers[15] = stack_pointer as u64;
        self.registers[13] = result as u64;
    }
}
