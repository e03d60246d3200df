//! The stack on which Wasm code runs in a library: whichever the embedder has called it on. What `stack::bounds` is in
//! executables.
//!
//! Walks over frames end at the frame of `wasm_aot_enter`, which `Frame::caller` knows, and they begin below
//! one: so nothing need be known of where the stack is.

use crate::library::current;

/// Whether this address may be in the stack of Wasm code.
pub fn stack_contains(address: usize) -> bool {
    address > FIRST_PAGE
}

/// What nobody has.
const FIRST_PAGE: usize = 4096;

/// Where the outermost call in this thread has begun.
pub fn only_stack_top() -> Option<usize> {
    let instance = current();
    // SAFETY: this thread is in the instance.
    unsafe { Some(((*instance).stack_limit + (*instance).stack_bytes) as usize) }
}
