//! The memories of an instance. Those of many instances share the pages of their initial contents, where the system has
//! something for that; and the mapping of a memory that hasn't grown goes to the next instance, see `idle`.

use core::sync::atomic::{AtomicI32, Ordering};

use wasm_aot_abi::layout::{ImageChunk, Memory};
use wasm_aot_abi::library::{Instance, Life};

use crate::memory;
use crate::program::slice;
use crate::sys::{self, file, image, map};

use super::{idle, info};

/// The descriptors of the memories of an instance.
pub fn all(instance: *mut Instance) -> impl Iterator<Item = *mut Memory> {
    let info = info();
    // SAFETY: the compiler describes its own data; the descriptors lie in the state.
    unsafe { slice(info.memories, info.memory_count) }
        .iter()
        .map(move |&offset| unsafe { instance.byte_add(offset as usize) }.cast())
}

/// Reserves and fills them. Ends the call under way if there isn't enough memory or address space; then some may be
/// there.
pub fn set_up(instance: *mut Instance) {
    for (index, descriptor) in all(instance).enumerate() {
        // SAFETY: this thread holds the instance, whose state has just been filled.
        let memory = unsafe { &mut *descriptor };
        if let Some(base) = idle::take(index) {
            memory.base = base;
            continue;
        }
        match image_of(memory, index) {
            Some((image, bytes)) => {
                let chunks = core::mem::take(&mut memory.image_count);
                memory::set_up_one(memory, index);
                memory.image_count = chunks;
                // SAFETY: the first bytes of the memory, which nobody uses yet.
                if unsafe { image::map(image, memory.base, bytes) }.is_err() {
                    crate::fail::fail(b"no address space for the contents of a memory");
                }
            }
            None => memory::set_up_one(memory, index),
        }
    }
}

/// For the first memories of a library with many instances: one more than the descriptor of the pages that they begin with.
/// 0: they haven't been made, -1: they can't be.
static IMAGES: [AtomicI32; 8] = [const { AtomicI32::new(0) }; 8];

/// The pages that a memory begins with, and how many bytes they are.
fn image_of(memory: &Memory, index: usize) -> Option<(file::Fd, usize)> {
    // SAFETY: the compiler's constant data.
    let chunks = unsafe { slice(memory.image, memory.image_count) };
    let end = chunks.last().map(|chunk| chunk.offset + chunk.length)?;
    let bytes = end.next_multiple_of(Memory::GRANULE) as usize;
    let known = IMAGES.get(index).filter(|_| super::info().state.is_null())?;
    if known.load(Ordering::Acquire) == 0 {
        let made = make_image(chunks, bytes).map_or(-1, |image| image + 1);
        // Another thread may have been faster.
        if known.compare_exchange(0, made, Ordering::AcqRel, Ordering::Acquire).is_err() && made > 0 {
            file::close(made - 1);
        }
    }
    let image = known.load(Ordering::Acquire) - 1;
    (image >= 0).then_some((image, bytes))
}

fn make_image(chunks: &[ImageChunk], bytes: usize) -> sys::Result<file::Fd> {
    let image = image::make(bytes)?;
    for chunk in chunks {
        // SAFETY: the compiler's constant data.
        if let Err(error) = unsafe { image::fill(image, chunk.offset, chunk.bytes, chunk.length as usize) } {
            file::close(image);
            return Err(error);
        }
    }
    Ok(image)
}

/// Gives them back.
pub fn drop(instance: *mut Instance) {
    for (index, descriptor) in all(instance).enumerate() {
        // SAFETY: this thread holds the instance, and no code of it runs.
        let memory = unsafe { &mut *descriptor };
        if !memory.base.is_null() && can_go_on(instance, descriptor, index) && idle::give(index, memory) {
            memory.base = core::ptr::null_mut();
        }
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

/// Whether the mapping of a memory of one of many instances becomes what it was at first when its pages are forgotten: it has not
/// grown, and its set-up did not fail on the way.
fn can_go_on(instance: *mut Instance, descriptor: *const Memory, index: usize) -> bool {
    let info = info();
    // SAFETY: this thread holds the instance, to which the descriptor belongs.
    let (life, memory) = unsafe { ((*instance).life.load(Ordering::Relaxed), &*descriptor) };
    let offset = descriptor.addr() - instance.addr() - Instance::BYTES as usize;
    if !info.state.is_null()
        || life == Life::STARTING
        || offset + size_of::<Memory>() > info.template_bytes as usize
    {
        return false;
    }
    // SAFETY: the template has a whole descriptor there, where the state has one.
    let initial = unsafe { info.template.add(offset).cast::<Memory>().read_unaligned() };
    (memory.size, memory.reservation) == (initial.size, initial.reservation)
        && (memory.image_count == 0 || image_of(memory, index).is_some())
}

/// The memory that host functions read and write, of the instance with this call in this thread; null if there is none.
pub fn of_host() -> *mut Memory {
    match info().host_memory {
        0 => core::ptr::null_mut(),
        // SAFETY: the descriptor lies in the state.
        offset => unsafe { super::current().byte_add(offset as usize) }.cast(),
    }
}
