//! The register state in a signal frame, aarch64 (`struct ucontext`, `struct sigcontext`).

/// The kernel's vdso brings the restorer.
pub const RESTORER_FLAG: usize = 0;

/// Type of `sa_restorer`.
pub type Restorer = usize;

/// None.
#[cfg(feature = "libraries")]
pub const NO_RESTORER: Restorer = 0;

pub fn restorer() -> Restorer {
    0
}

#[repr(C)]
pub struct Context {
    /// Flags, link, stack (40 bytes), signal mask (128), padding to 16 bytes, fault address.
    head: [u64; 23],
    /// x0 to x30.
    registers: [u64; 31],
    sp: u64,
    pc: u64,
}

impl Context {
    /// The signal of traps for which the kernel gives no code, so that they look as if a process had sent it. 0: none.
    #[cfg(feature = "libraries")]
    pub const UNNAMED_TRAP: u32 = 0;

    /// Address of the instruction that raised this signal.
    pub fn fault_pc(&self, _signal: u32) -> usize {
        self.pc as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.registers[29] as usize
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.pc = pc as u64;
        self.sp = stack_pointer as u64;
        self.registers[0] = result as u64;
    }
}
