//! The register state in a signal frame, x86-64 (`struct ucontext`, `struct sigcontext`).

/// SA_RESTORER: the kernel insists on a restorer here.
pub const RESTORER_FLAG: usize = 0x0400_0000;

restorer!("mov eax, 15", "syscall");

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
