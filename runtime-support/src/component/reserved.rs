//! Address space of tables that grow and don't move: reserved at the first use, and made accessible piece by piece.

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;

use super::violation;
use crate::sys::map;

/// The largest number of elements of a table; wasmtime has 100,000.
const CAPACITY: usize = 1 << 20;

/// The accessible part of a table.
pub struct Part {
    pub start: *mut u8,
    /// Its size in bytes.
    pub committed: usize,
}

/// Makes room for more elements of this size in bytes, at most [`Memory::GRANULE`], in a table of which this is
/// accessible; null and 0 at first. What is added is zero. Traps if there is no room.
#[cold]
pub fn extend(start: *mut u8, committed: usize, bytes: usize) -> Part {
    const GRANULE: usize = Memory::GRANULE as usize;
    let reserved = (CAPACITY * bytes).next_multiple_of(GRANULE);
    if committed == reserved {
        violation(Trap::TooManyHandles);
    }
    let start = if start.is_null() { map::map(0, reserved, false) } else { Ok(start) };
    if let Ok(start) = start {
        // SAFETY: within what is reserved, and nothing is there yet.
        if unsafe { map::commit(start.wrapping_add(committed), GRANULE) }.is_ok() {
            return Part { start, committed: committed + GRANULE };
        }
    }
    violation(Trap::TooManyHandles)
}
