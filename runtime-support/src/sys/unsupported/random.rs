//! Randomness of cryptographic quality.

use super::{Errno, Result};

/// # Safety
/// `length` bytes at `start` may be written, and nobody holds references to them.
pub unsafe fn fill(_start: *mut u8, _length: usize) -> Result<()> {
    Err(Errno::NOSYS)
}
