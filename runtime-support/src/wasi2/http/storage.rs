//! Memory for the fields of one request and its response: blocks whose sizes are powers of two, in address space with a
//! limit. All of them are given back together, when the request is over.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::trap::Trap;

use crate::component::violation;
use crate::sys::{map, server};

/// Bytes in all.
const LIMIT: usize = 16 << 20;

/// The smallest blocks have 2 to the power of this many bytes.
const SMALLEST: u32 = 7;

/// Sizes of blocks.
const CLASSES: usize = 14;

/// Bytes that are kept from one request to the next.
const KEPT: usize = 64 << 10;

struct Storage {
    start: Cell<*mut u8>,
    used: Cell<usize>,
    /// The free blocks of each size; each begins with the address of the next one.
    free: [Cell<*mut u8>; CLASSES],
}

// SAFETY: there is one thread.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage {
    start: Cell::new(ptr::null_mut()),
    used: Cell::new(0),
    free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
};

/// A block; the empty one has no bytes.
#[derive(Clone, Copy)]
pub struct Block {
    pub start: *mut u8,
    /// 2 to the power of `SMALLEST` plus this minus 1 bytes; 0 if there are none.
    class: u8,
}

impl Block {
    pub const EMPTY: Block = Block { start: ptr::null_mut(), class: 0 };

    pub fn bytes(self) -> usize {
        if self.class == 0 { 0 } else { 1 << (SMALLEST + u32::from(self.class) - 1) }
    }

    /// A block of at least so many bytes. Traps if there is no room.
    pub fn new(bytes: usize) -> Block {
        let class = bytes.next_power_of_two().trailing_zeros().saturating_sub(SMALLEST) + 1;
        let block = Block { start: ptr::null_mut(), class: class as u8 };
        let Some(free) = STORAGE.free.get(class as usize - 1) else { violation(Trap::TooManyHandles) };
        let start = free.get();
        if !start.is_null() {
            // SAFETY: a free block begins with the address of the next one.
            free.set(unsafe { start.cast::<*mut u8>().read() });
            return Block { start, ..block };
        }
        if STORAGE.start.get().is_null() {
            let Ok(start) = map::map(0, LIMIT, true) else { violation(Trap::TooManyHandles) };
            STORAGE.start.set(start);
        }
        let used = STORAGE.used.get();
        if LIMIT - used < block.bytes() {
            violation(Trap::TooManyHandles);
        }
        STORAGE.used.set(used + block.bytes());
        Block { start: STORAGE.start.get().wrapping_add(used), ..block }
    }

    /// Gives a block back.
    pub fn free(self) {
        if let Some(free) = usize::from(self.class).checked_sub(1).and_then(|class| STORAGE.free.get(class)) {
            // SAFETY: nobody uses the block, which is larger than an address and aligned.
            unsafe { self.start.cast::<*mut u8>().write(free.get()) };
            free.set(self.start);
        }
    }
}

/// Gives all blocks back.
pub fn reset() {
    if STORAGE.used.get() > KEPT {
        // SAFETY: nobody uses the blocks; the rest stays as it is.
        _ = unsafe { server::restore(STORAGE.start.get().add(KEPT), LIMIT - KEPT) };
    }
    STORAGE.used.set(0);
    STORAGE.free.iter().for_each(|free| free.set(ptr::null_mut()));
}
