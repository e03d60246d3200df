//! The registers of interrupted code, aarch64 (`struct __darwin_arm_thread_state64`).

/// x0 to x30, sp, pc.
#[repr(C)]
pub struct Registers([u64; 33]);

impl Registers {
    pub fn pc(&self) -> usize {
        self.0[32] as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.0[29] as usize
    }

    pub fn set(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.0[32] = pc as u64;
        self.0[31] = stack_pointer as u64;
        self.0[0] = result as u64;
    }
}
