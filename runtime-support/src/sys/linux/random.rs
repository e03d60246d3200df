//! Randomness of cryptographic quality.

use linux_raw_sys::general::__NR_getrandom;

use super::file::retry;
use super::{Result, syscall3};

/// Fills memory with random bytes.
///
/// # Safety
/// `length` bytes at `start` may be written, and nobody holds references to them.
pub unsafe fn fill(start: *mut u8, length: usize) -> Result<()> {
    let mut done = 0;
    while done < length {
        let address = start.wrapping_add(done) as usize;
        // SAFETY: the kernel writes at most the `length - done` bytes that are left.
        done += retry(|| unsafe { syscall3(__NR_getrandom, address, length - done, 0) })?;
    }
    Ok(())
}
