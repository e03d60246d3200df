//! The registers of interrupted code.

/// What else is asked of it depends on the instruction set: see `stack/frame_*.rs`.
pub struct Context(());

impl Context {
    pub fn fault_pc(&self, _number: u32) -> usize {
        0
    }

    pub fn frame_pointer(&self) -> usize {
        0
    }

    pub fn resume_at(&mut self, _pc: usize, _stack_pointer: usize, _result: usize) {}
}
