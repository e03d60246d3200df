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
    /// Null if there is none; `CLAIMED` while one is made ready.
    base: *mut u8,
}

const NONE: Idle = Idle { index: 0, base: ptr::null_mut() };
const CLAIMED: *mut u8 = ptr::dangling_mut();

static LOCK: Lock = Lock::new();
/// The lock is held by whoever looks at them.
static mut IDLE: [Idle; MOST] = [NONE; MOST];

/// Takes a mapping for the memory with this index, if there is one.
pub fn take(index: usize) -> Option<*mut u8> {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let all = unsafe { (&raw mut IDLE).as_mut_unchecked() };
    let is_there = |idle: &&mut Idle| idle.index == index && !idle.base.is_null() && idle.base != CLAIMED;
    let found = all.iter_mut().find(is_there)?;
    Some(core::mem::replace(found, NONE).base)
}

/// Gives the mapping of a memory that has its initial size, and was completely set up; whether there was room for it. If not, it is
/// the caller's still. The lock isn't held while the system forgets its pages, which takes long if they are many.
pub fn give(index: usize, memory: &Memory) -> bool {
    let Some(place) = claim() else { return false };
    let is_clean = forget(memory.base, memory.size as usize);
    let idle = if is_clean { Idle { index, base: memory.base } } else { NONE };
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    unsafe { IDLE[place] = idle };
    is_clean
}

/// A place for a mapping, if there is one.
fn claim() -> Option<usize> {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let all = unsafe { (&raw mut IDLE).as_mut_unchecked() };
    let place = all.iter().position(|idle| idle.base.is_null())?;
    all[place].base = CLAIMED;
    Some(place)
}

/// Has pages get their first contents again; whether they did. An emulator may say so and do nothing, and the next instance must
/// not see what this one has written, so it is tried with the first page.
fn forget(base: *mut u8, bytes: usize) -> bool {
    // SAFETY: the pages are those of a memory that nobody uses; the first one, if there is one, can be read and written.
    unsafe {
        if image::restore(base, bytes).is_err() || bytes == 0 {
            return false;
        }
        let first = base.read_volatile();
        base.write_volatile(!first);
        image::restore(base, Memory::GRANULE as usize).is_ok() && base.read_volatile() == first
    }
}
