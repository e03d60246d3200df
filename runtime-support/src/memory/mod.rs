//! Linear memories: reservation, initial contents, growth.
//!
//! A mistake here is a sandbox escape. Invariants: a memory with a reservation never moves, its
//! first `size` bytes are accessible and all others of the reservation are not; compiled code
//! relies on that and on `fixed_base`.

pub mod guest;

mod mem;

use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, ImageChunk, Memory, Program};

use crate::program::slice;
use crate::start::fail;
use crate::sys::map;

/// Sets up every memory of the program.
pub fn set_up(program: &Program) {
    // SAFETY: the compiler describes its own data; nothing else refers to the memories yet.
    unsafe {
        for &memory in slice(program.memories, program.memory_count) {
            set_up_one(&mut *memory);
        }
    }
}

fn set_up_one(memory: &mut Memory) {
    let size = memory.size as usize;
    let reserved = memory.reservation as usize;
    let (bytes, writable) = if reserved == 0 { (size, true) } else { (reserved, false) };
    if bytes == 0 {
        return;
    }
    let Ok(base) = map::map(memory.fixed_base as usize, bytes, writable) else {
        if reserved == 0 {
            fail(&[b"no memory for the initial size of the program's linear memory"]);
        }
        fail(&[b"the address space for the program's linear memory can't be reserved (is it limited, \
              as by `ulimit -v`?); build the program with --memory-guard=none to do without"]);
    };
    memory.base = base;
    // SAFETY: the range was just mapped; chunks lie inside `size` and are read by nobody else.
    unsafe {
        if reserved != 0 && size != 0 && map::commit(base, size).is_err() {
            fail(&[b"no memory for the initial size of the program's linear memory"]);
        }
        for chunk in slice(memory.image, memory.image_count) {
            place(chunk, base);
        }
    }
}

/// Puts a chunk of the image into place: moves its pages, or copies it if it is small or the
/// kernel's pages are larger than the image's alignment.
///
/// # Safety
/// The chunk lies inside the committed part of the memory at `base` and isn't used again.
unsafe fn place(chunk: &ImageChunk, base: *mut u8) {
    // SAFETY: as the caller promises. The source is page-aligned in the executable.
    unsafe {
        let target = base.add(chunk.offset as usize);
        let length = chunk.length as usize;
        let pages = chunk.length >= IMAGE_ALIGNMENT;
        if !pages || map::move_pages(chunk.bytes, target, length).is_err() {
            core::ptr::copy_nonoverlapping(chunk.bytes, target, length);
        }
    }
}

/// `memory.grow`. Returns the previous size in pages, or `u64::MAX` if the memory can't grow.
///
/// # Safety
/// `memory` is a memory of the program; called by compiled code only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_memory_grow(memory: *mut Memory, delta_pages: u64) -> u64 {
    // SAFETY: compiled code passes one of the program's memories and holds no reference to it.
    let memory = unsafe { &mut *memory };
    let previous = memory.size / memory.page_size;
    let Some(new_size) = delta_pages
        .checked_mul(memory.page_size)
        .and_then(|delta| delta.checked_add(memory.size))
        .filter(|&size| size <= memory.maximum)
    else {
        return u64::MAX;
    };
    if new_size != memory.size && grow_to(memory, new_size).is_err() {
        return u64::MAX;
    }
    memory.size = new_size;
    previous
}

fn grow_to(memory: &mut Memory, new_size: u64) -> crate::sys::Result<()> {
    let (old, new) = (memory.size as usize, new_size as usize);
    // SAFETY: the ranges belong to this memory; compiled code reloads a base that can change.
    unsafe {
        if memory.reservation != 0 {
            map::commit(memory.base.add(old), new - old)?;
        } else if old == 0 {
            memory.base = map::map(0, new, true)?;
        } else {
            memory.base = map::grow(memory.base, old, new)?;
        }
    }
    Ok(())
}

/// The reservation that contains this address, if any. Used to tell a Wasm memory fault from others.
pub fn reservation_contains(program: &Program, address: usize) -> bool {
    // SAFETY: the compiler describes its own data; only read here, in a signal handler.
    unsafe {
        slice(program.memories, program.memory_count).iter().any(|&memory| {
            let (base, bytes) = ((*memory).base as usize, (*memory).reservation as usize);
            address.wrapping_sub(base) < bytes
        })
    }
}
