//! Growth of shared memories, while other threads use them.

use core::sync::atomic::{AtomicU64, Ordering};

use wasm_aot_abi::layout::Memory;

use super::{commit, extend, grown};
use crate::sys::lock::Lock;
use crate::sys::map;

/// One thread at a time grows a memory. Otherwise one could make pages accessible for a size that
/// another thread's growth then forbids.
static GROWTH: Lock = Lock::new();

/// `memory.grow` of a shared memory, which has a reservation and so never moves. Returns the previous
/// size in pages, or `u64::MAX` if the memory can't grow.
///
/// The pages are accessible before the size says so: a thread that reads the new size may use them.
///
/// # Safety
/// `memory` is a shared memory of the program; called by compiled code only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_shared_memory_grow(memory: *mut Memory, delta_pages: u64) -> u64 {
    let _growing = GROWTH.lock();
    // SAFETY: once the program runs, size and reservation are the only fields of a shared memory that are
    // written, here and nowhere else. Others read them, so there is no reference to the whole.
    unsafe {
        let size = AtomicU64::from_ptr(&raw mut (*memory).size);
        let (page_size, previous) = ((*memory).page_size, size.load(Ordering::Relaxed));
        let Some(new_size) = grown(previous, delta_pages, page_size, (*memory).maximum) else {
            return u64::MAX;
        };
        let (base, needed) = ((*memory).base, new_size + (*memory).guard);
        let reservation = AtomicU64::from_ptr(&raw mut (*memory).reservation);
        let reserved = reservation.load(Ordering::Relaxed);
        if needed > reserved {
            let Some(extended) = extend(base, reserved, needed) else {
                return u64::MAX;
            };
            reservation.store(extended, Ordering::Relaxed);
        }
        if commit(map::commit_across, base, previous, new_size).is_err() {
            return u64::MAX;
        }
        size.store(new_size, Ordering::SeqCst);
        previous / page_size
    }
}
