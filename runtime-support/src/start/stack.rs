//! The stack on which Wasm code runs: a mapping of its own, so that its size doesn't depend on
//! `ulimit -s`, with an inaccessible guard below it. Wasm frames larger than a page probe each
//! page, so they can't step over the guard.

use super::fail;
use crate::sys::map;

const GUARD_BYTES: usize = 64 << 10;

/// Bounds of the stack without its guard.
static mut STACK: (usize, usize) = (0, 0);

/// Maps a stack of `bytes` and returns its end.
pub fn allocate(bytes: u64) -> *mut u8 {
    let bytes = bytes as usize;
    let Ok(start) = map::map(0, bytes + GUARD_BYTES, false) else {
        fail(&[b"no address space for the stack of the program"]);
    };
    // SAFETY: part of the mapping just made, which nobody else knows.
    unsafe {
        if map::commit(start.add(GUARD_BYTES), bytes).is_err() {
            fail(&[b"no memory for the stack of the program"]);
        }
        let bottom = start as usize + GUARD_BYTES;
        STACK = (bottom, bottom + bytes);
        start.add(GUARD_BYTES + bytes)
    }
}

/// The end of the stack of the Wasm code.
pub fn stack_top() -> usize {
    // SAFETY: written once before Wasm code runs.
    unsafe { STACK.1 }
}

/// Is this address in the stack of the Wasm code?
pub fn stack_contains(address: usize) -> bool {
    // SAFETY: written once before Wasm code runs.
    let (bottom, top) = unsafe { STACK };
    (bottom..top).contains(&address)
}

/// Is this address in the guard below the stack?
pub fn guard_contains(address: usize) -> bool {
    // SAFETY: written once before Wasm code runs.
    let (bottom, _) = unsafe { STACK };
    (bottom.saturating_sub(GUARD_BYTES)..bottom).contains(&address)
}
