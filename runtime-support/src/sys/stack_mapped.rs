//! The stack of the program: a mapping of its own, so that its size doesn't depend on `ulimit -s`.

use core::ops::Range;

use super::switch::call_on_stack;
use super::{Result, exit, map};
use crate::sys::GUARD_BYTES;

// A multiple of the largest page of any machine.
const _: () = assert!(GUARD_BYTES.is_multiple_of(64 << 10));

/// Maps a stack of `bytes`, which the system rounds up to its pages, with a guard below it; where it
/// is, without the guard.
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

/// Runs the program on the stack with this end, and ends the process.
///
/// # Safety
/// The end is that of a stack that nothing else uses.
#[inline(always)]
pub unsafe fn run(program: extern "C" fn(), top: *mut u8) -> ! {
    // SAFETY: as the caller promises.
    unsafe { call_on_stack(program, top) };
    exit(0)
}

/// Makes an exhausted stack usable again: here it always is.
#[inline(always)]
pub fn recover() {}
