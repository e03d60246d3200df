//! Randomness of cryptographic quality.

use super::Result;
use super::error::check;

/// The most that the system gives at once.
const MOST: usize = 256;

/// Fills memory with random bytes.
///
/// # Safety
/// `length` bytes at `start` may be written, and nobody holds references to them.
pub unsafe fn fill(start: *mut u8, length: usize) -> Result<()> {
    let mut done = 0;
    while done < length {
        let part = (length - done).min(MOST);
        // SAFETY: writes bytes that the caller allows to be written.
        check(unsafe { libc::getentropy(start.wrapping_add(done).cast(), part) })?;
        done += part;
    }
    Ok(())
}
