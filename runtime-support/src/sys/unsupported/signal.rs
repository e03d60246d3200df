//! Faults of the hardware.

pub use super::context::Context;
pub use crate::sys::types::{Fault, Handler};

/// A thread needs no stack for a handler that is never called.
pub const STACK_BYTES: usize = 0;

impl Fault<'_> {
    pub const INTERNAL_ERROR: &'static [u8] = b"wasm-aot: internal error: fault ";
    pub const NUMBER_BASE: usize = 10;

    pub fn is_access(&self) -> bool {
        false
    }
}

pub fn install(_handler: Handler) {}

pub fn die() -> ! {
    super::exit(1)
}

pub fn end_by_broken_pipes() {}

/// # Safety
/// There are [`STACK_BYTES`] bytes, which nothing else uses as long as the thread lives.
pub unsafe fn use_stack(_bottom: *mut u8) {}
