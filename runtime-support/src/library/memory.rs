//! The memories of an instance.

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::Instance;

use crate::memory;
use crate::program::slice;
use crate::sys::map;

use super::info;

/// The descriptors of the memories.
fn descriptors(instance: *mut Instance) -> impl Iterator<Item = *mut Memory> {
    let info = info();
    // SAFETY: the compiler describes its own data; the descriptors lie in the state.
    unsafe { slice(info.memories, info.memory_count) }
        .iter()
        .map(move |&offset| unsafe { instance.byte_add(offset as usize) }.cast())
}

/// Reserves and fills them. Ends the call under way if there isn't enough memory or address space; then some may be
/// there.
pub fn set_up(instance: *mut Instance) {
    for (index, descriptor) in descriptors(instance).enumerate() {
        // SAFETY: this thread holds the instance, whose state has just been filled.
        memory::set_up_one(unsafe { &mut *descriptor }, index);
    }
}

/// Gives them back.
pub fn drop(instance: *mut Instance) {
    for descriptor in descriptors(instance) {
        // SAFETY: this thread holds the instance, and no code of it runs.
        let memory = unsafe { &mut *descriptor };
        if !memory.base.is_null() {
            let bytes = match memory.reservation {
                0 => memory.size.max(memory.smallest_reservation).next_multiple_of(Memory::GRANULE),
                reserved => reserved,
            };
            // SAFETY: as above; it was mapped with so many.
            unsafe { map::unmap(memory.base, bytes as usize) };
            memory.base = core::ptr::null_mut();
        }
    }
}

/// The memory that host functions read and write, of the instance with this call in this thread; null if there is none.
pub fn of_host() -> *mut Memory {
    match info().host_memory {
        0 => core::ptr::null_mut(),
        // SAFETY: the descriptor lies in the state.
        offset => unsafe { super::current().byte_add(offset as usize) }.cast(),
    }
}
