//! The register state of a thread, x86-64 (`CONTEXT`).

#[repr(C, align(16))]
pub struct Context {
    /// Where functions of the system save registers.
    home: [u64; 6],
    pub flags: u32,
    mxcsr: u32,
    /// Segments, flags, debug registers.
    system: [u64; 8],
    /// rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15, rip.
    registers: [u64; 17],
    vectors: [u64; 122],
}

const _: () = assert!(size_of::<Context>() == 0x4d0);

impl Context {
    /// CONTEXT_CONTROL | CONTEXT_INTEGER.
    pub const WANTED: u32 = 0x10_0003;

    pub const ZERO: Context =
        Context { home: [0; 6], flags: 0, mxcsr: 0, system: [0; 8], registers: [0; 17], vectors: [0; 122] };

    /// Address of the instruction that raised the exception.
    pub fn fault_pc(&self, _number: u32) -> usize {
        self.registers[16] as usize
    }

    pub fn stack_pointer(&self) -> usize {
        self.registers[4] as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.registers[5] as usize
    }

    /// Goes to the caller of a function without a frame.
    pub fn leave(&mut self, return_address: usize) {
        self.registers[16] = return_address as u64;
        self.registers[4] += 8;
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.registers[16] = pc as u64;
        self.registers[4] = stack_pointer as u64;
        self.registers[0] = result as u64;
    }
}
