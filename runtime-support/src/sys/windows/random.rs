//! Randomness of cryptographic quality.

use super::Result;
use super::api::BCryptGenRandom;
use super::error::check_status;

/// BCRYPT_USE_SYSTEM_PREFERRED_RNG: needs no handle of an algorithm.
const SYSTEM_GENERATOR: u32 = 2;

/// Fills memory with random bytes.
///
/// # Safety
/// `length` bytes at `start` may be written, and nobody holds references to them.
pub unsafe fn fill(start: *mut u8, length: usize) -> Result<()> {
    let mut done = 0;
    while done < length {
        let part = (length - done).min(1 << 30);
        // SAFETY: writes bytes that the caller allows to be written.
        check_status(unsafe { BCryptGenRandom(0, start.wrapping_add(done), part as u32, SYSTEM_GENERATOR) })?;
        done += part;
    }
    Ok(())
}
