//! The stack of the program: a mapping of its own, so that its size doesn't depend on `ulimit -s`.

use core::ops::Range;

pub use super::start::call_on_stack as call;

use super::{Result, map};
use crate::start::GUARD_BYTES;

/// Maps a stack of `bytes` with a guard below it; where it is, without the guard.
#[inline(always)]
pub fn allocate(bytes: usize) -> Result<Range<usize>> {
    let start = map::map(0, bytes + GUARD_BYTES, false)?;
    // SAFETY: part of the mapping just made, which nobody else knows.
    let bottom = unsafe {
        map::commit(start.add(GUARD_BYTES), bytes)?;
        start.expose_provenance() + GUARD_BYTES
    };
    Ok(bottom..bottom + bytes)
}

/// Makes a stack that was exhausted usable again: it is.
#[inline(always)]
pub fn recover() {}
