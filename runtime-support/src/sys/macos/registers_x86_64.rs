//! The registers of interrupted code, x86-64 (`struct __darwin_x86_thread_state64`).

/// rax, rbx, rcx, rdx, rdi, rsi, rbp, rsp, r8 to r15, rip.
#[repr(C)]
pub struct Registers([u64; 17]);

impl Registers {
    pub fn pc(&self) -> usize {
        self.0[16] as usize
    }

    pub fn frame_pointer(&self) -> usize {
        self.0[6] as usize
    }

    pub fn set(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.0[16] = pc as u64;
        self.0[7] = stack_pointer as u64;
        self.0[0] = result as u64;
    }
}
