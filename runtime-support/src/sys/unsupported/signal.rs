//! Faults of the hardware, and the registers of interrupted code.

pub use crate::sys::types::{Fault, Handler};

/// A thread needs no stack for a handler that is never called.
pub const STACK_BYTES: usize = 0;

/// The registers of interrupted code. What is asked of them besides this depends on the instruction set: see
/// `stack/frame_*.rs`.
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

impl Fault<'_> {
    pub const NUMBER_NAME: &'static [u8] = b"fault ";
    pub const NUMBER_BASE: usize = 10;

    pub fn is_access(&self) -> bool {
        false
    }
}

pub fn install(_handler: Handler) {}

/// # Safety
/// There are [`STACK_BYTES`] bytes, which nothing else uses as long as the thread lives.
pub unsafe fn use_stack(_bottom: *mut u8) {}
