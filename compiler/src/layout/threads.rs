//! Where a thread keeps its own state.

use wasm_aot_abi::layout::ThreadInfo;

/// How compiled code finds the state that isn't shared between threads. The stack of a thread is at the end of
/// a region of the address space whose size is a power of two, and which starts at a multiple of it; at the
/// start of the region is the thread's state.
#[derive(Clone, Copy, Debug)]
pub struct ThreadLayout {
    pub region_bytes: u64,
    /// Bytes of a thread's state.
    pub state_bytes: i32,
    /// Offsets in the state.
    pub globals: i32,
    pub segment_lengths: i32,
}

impl ThreadLayout {
    /// The layout of threads with `globals_bytes` of written globals, `segments` that can be dropped and `stack_size`
    /// bytes of stack.
    pub fn new(globals_bytes: i32, segments: usize, stack_size: u64) -> ThreadLayout {
        let state_bytes = (globals_bytes + 8 * segments as i32 + 15) & !15;
        ThreadLayout {
            region_bytes: ThreadInfo::region_bytes(state_bytes as u64, stack_size),
            state_bytes,
            globals: 0,
            segment_lengths: globals_bytes,
        }
    }
}
