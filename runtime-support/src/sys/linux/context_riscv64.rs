//! The register state in a signal frame, riscv64 (`struct ucontext`, `struct sigcontext`).

/// The kernel's vdso brings the restorer, and `struct sigaction` has no field for another.
pub const RESTORER_FLAG: usize = 0;

/// Type of `sa_restorer`.
pub type Restorer = [usize; 0];

/// None.
#[cfg(feature = "libraries")]
pub const NO_RESTORER: Restorer = [];

pub fn restorer() -> Restorer {
    []
}

#[repr(C)]
pub struct Context {
    /// Flags, link, stack (40 bytes), signal mask (128), padding to 16 bytes.
    head: [u64; 22],
    pc: u64,
    /// x1 to x31.
    registers: [u64; 31],
}

impl Context {
    /// The signal of traps for which the kernel gives no code, so that they look as if a process had sent it. 0: none.
    #[cfg(feature = "libraries")]
    pub const UNNAMED_TRAP: u32 = 0;

    /// Address of the instruction that raised this signal.
    pub fn fault_pc(&self, _signal: u32) -> usize {
        self.pc as usize
    }

    pub fn return_address(&self) -> usize {
        self.registers[1 - 1] as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.registers[8 - 1] as usize
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.pc = pc as u64;
        self.registers[2 - 1] = stack_pointer as u64;
        self.registers[10 - 1] = result as u64;
    }
}
