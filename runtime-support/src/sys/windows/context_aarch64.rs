//! The register state of a thread, aarch64 (`ARM64_NT_CONTEXT`).

#[repr(C, align(16))]
pub struct Context {
    pub flags: u32,
    cpsr: u32,
    /// x0 to x30.
    registers: [u64; 31],
    sp: u64,
    pc: u64,
    /// Vectors, debug registers.
    rest: [u64; 80],
}

const _: () = assert!(size_of::<Context>() == 0x390);

impl Context {
    /// CONTEXT_CONTROL | CONTEXT_INTEGER.
    pub const WANTED: u32 = 0x40_0003;

    pub const ZERO: Context = Context { flags: 0, cpsr: 0, registers: [0; 31], sp: 0, pc: 0, rest: [0; 80] };

    /// Address of the instruction that raised the exception.
    pub fn fault_pc(&self, _number: u32) -> usize {
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
