//! Mappings of memories whose instances are gone, for instances to come: to forget the pages of one takes the system a fraction of
//! the time for making another one, of several areas with tables of their own.
//!
//! They occupy address space only.

use core::ptr;

use wasm_aot_abi::layout::Memory;

use crate::sys::image;
use crate::sys::lock::Lock;

/// How many there are at most.
const MOST: usize = 16;

/// A mapping with the initial contents of a memory.
#[derive(Clone, Copy)]
struct Idle {
    /// Which of the memories of the library it is for.
    index: usize,
    base: *mut u8,
}

static LOCK: Lock = Lock::new();
/// The lock is held by whoever looks at them.
static mut IDLE: [Idle; MOST] = [Idle { index: 0, base: ptr::null_mut() }; MOST];

/// Takes a mapping for the memory with this index, if there is one.
pub fn take(index: usize) -> Option<*mut u8> {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let all = unsafe { &mut *(&raw mut IDLE) };
    let found = all.iter_mut().find(|idle| idle.index == index && !idle.base.is_null())?;
    Some(core::mem::replace(&mut found.base, ptr::null_mut()))
}

/// Gives the mapping of a memory that has its initial size; whether there is room for it. If not, it is the caller's still.
pub fn give(index: usize, memory: &Memory) -> bool {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let all = unsafe { &mut *(&raw mut IDLE) };
    let Some(free) = all.iter_mut().find(|idle| idle.base.is_null()) else { return false };
    // SAFETY: the pages are those of a memory that nobody uses.
    if unsafe { image::restore(memory.base, memory.size as usize) }.is_err() {
        return false;
    }
    *free = Idle { index, base: memory.base };
    true
}
