//! Linear memories: reservation, initial contents, growth.
//!
//! A mistake here is a sandbox escape. Invariants, on which compiled code relies:
//!
//! - A memory with a reservation never moves, and is at `fixed_base` if that isn't 0. One without may move when it
//!   grows; whole granules of it are mapped, at least one.
//! - The first `size` bytes are accessible. If there is a guard, all others of the reservation are
//!   not, and the last `guard` bytes never will be.
//! - The size never shrinks.

pub mod guest;

mod barrier;
pub mod mem;
pub mod shared;
pub mod wait;

use core::ptr;

use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, ImageChunk, Memory, ProgramInfo};
use wasm_aot_abi::library::Instance;

use crate::fail::fail;
use crate::program::slice;
use crate::sys::map;

/// Sets up every memory of the program.
pub fn set_up(program: &ProgramInfo) {
    // SAFETY: the compiler describes its own data; nothing else refers to the memories yet.
    unsafe {
        for (index, &memory) in slice(program.memories, program.memory_count).iter().enumerate() {
            set_up_one(&mut *memory, index);
        }
    }
}

pub fn set_up_one(memory: &mut Memory, index: usize) {
    reserve(memory, index);
    // Of a memory that may move all that is mapped is accessible.
    let accessible = if memory.reservation != 0 { memory.size } else { memory.smallest_reservation };
    // SAFETY: the range was just reserved, for this memory.
    if unsafe { commit(map::commit, memory.base, 0, accessible) }.is_err() {
        no_memory();
    }
    // SAFETY: chunks lie in the pages of the first `size` bytes and are read by nobody else.
    unsafe {
        for chunk in slice(memory.image, memory.image_count) {
            place(chunk, memory.base);
        }
    }
}

fn no_memory() -> ! {
    fail(b"no memory for the initial size of the program's linear memory (is it limited, as by `ulimit -d`?)")
}

/// Memories that may have to be extended are put this far from each other, from `16 * DISTANCE` on, where
/// the address space is large enough; elsewhere they may not find room to grow.
const DISTANCE: usize = 1 << 40;

/// Reserves address space: as much as is available, at least `smallest_reservation`; for a memory without a
/// reservation its initial size, where there is room behind it.
fn reserve(memory: &mut Memory, index: usize) {
    let smallest = memory.smallest_reservation;
    if memory.size > smallest - memory.guard {
        no_memory();
    }
    let mut bytes = memory.reservation.max(smallest);
    let extends = memory.maximum > bytes - memory.guard;
    memory.base = loop {
        let mapped = if memory.fixed_base == 0 && extends {
            map::reserve_near((16 + index) * DISTANCE, bytes as usize)
        } else {
            map::map(memory.fixed_base as usize, bytes as usize, false)
        };
        match mapped {
            Ok(base) => break base,
            Err(_) if bytes > smallest => {
                bytes = (bytes / 2).next_multiple_of(Memory::GRANULE).max(smallest);
            }
            Err(_) if memory.reservation == 0 => no_memory(),
            Err(_) => fail(
                b"the address space for the program's linear memory can't be reserved (is it limited, \
                  as by `ulimit -v`?); build the program with --memory-guard=none to do without",
            ),
        }
    };
    if memory.reservation != 0 {
        memory.reservation = bytes;
    }
}

/// Reserves more address space behind a reservation of `reserved` bytes at `base`, so that it has at
/// least `needed`: twice as much if possible, so that it happens seldom. Returns how much it has then.
fn extend(base: *mut u8, reserved: u64, needed: u64) -> Option<u64> {
    let needed = needed.next_multiple_of(Memory::GRANULE);
    let end = base as usize + reserved as usize;
    let reserve = |bytes: &u64| map::map(end, (bytes - reserved) as usize, false).is_ok();
    [needed.max(2 * reserved), needed].into_iter().find(reserve)
}

/// Makes the bytes from `old` to `new` of the reserved memory at `base` accessible, in whole granules:
/// so it needn't know the size of the system's pages. If there is a guard, both are multiples of it. `pages` is
/// `map::commit_across` if the memory may have been extended, else `map::commit`.
///
/// # Safety
/// `old <= new`, and `new` is at most the reservation less the guard.
#[inline(always)]
unsafe fn commit(
    pages: unsafe fn(*mut u8, usize) -> crate::sys::Result<()>,
    base: *mut u8,
    old: u64,
    new: u64,
) -> crate::sys::Result<()> {
    let start = old - old % Memory::GRANULE;
    let end = new.next_multiple_of(Memory::GRANULE);
    // SAFETY: reservation and guard are multiples of the granule, so the range ends before the guard.
    unsafe { if start == end { Ok(()) } else { pages(base.add(start as usize), (end - start) as usize) } }
}

/// Puts a chunk of the image into place: moves its pages, or copies it if it isn't to be moved or the kernel
/// won't.
///
/// # Safety
/// The chunk lies inside the committed part of the memory at `base` and isn't used again.
unsafe fn place(chunk: &ImageChunk, base: *mut u8) {
    let (length, moved) = (chunk.length as usize, chunk.moved as usize);
    // SAFETY: as the caller promises. What is moved is page-aligned on both sides, and nothing else that is
    // loaded lies in its last page, which comes from the file with what follows there.
    unsafe {
        let target = base.add(chunk.offset as usize);
        if moved == 0
            || !map::has_pages_of(IMAGE_ALIGNMENT as usize)
            || map::move_pages(chunk.bytes, target, moved).is_err()
        {
            ptr::copy_nonoverlapping(chunk.bytes, target, length);
        } else if map::commit(target, moved).is_ok() {
            ptr::write_bytes(target.add(length), 0, moved - length);
        } else {
            no_memory();
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
    let previous = memory.size;
    let Some(new_size) = grown(previous, delta_pages, memory.page_size, memory.maximum) else {
        return u64::MAX;
    };
    if new_size != previous && grow_to(memory, new_size).is_err() {
        return u64::MAX;
    }
    memory.size = new_size;
    previous / memory.page_size
}

const NO_SPACE: crate::sys::Errno = crate::sys::Errno::NOMEM;

/// `size` bytes and `delta_pages` pages more, unless that exceeds `maximum` bytes.
fn grown(size: u64, delta_pages: u64, page_size: u64, maximum: u64) -> Option<u64> {
    delta_pages.checked_mul(page_size)?.checked_add(size).filter(|&grown| grown <= maximum)
}

fn grow_to(memory: &mut Memory, new_size: u64) -> crate::sys::Result<()> {
    // SAFETY: the ranges belong to this memory; compiled code reloads a base that can change.
    unsafe {
        if memory.reservation != 0 {
            let needed = new_size + memory.guard;
            if needed > memory.reservation {
                memory.reservation = extend(memory.base, memory.reservation, needed).ok_or(NO_SPACE)?;
            }
            commit(map::commit_across, memory.base, memory.size, new_size)?;
        } else {
            // At least a granule is always mapped.
            let mapped = |size: u64| size.max(1).next_multiple_of(Memory::GRANULE) as usize;
            let (old, new) = (mapped(memory.size), mapped(new_size));
            // Pages that were moved out of the executable would go on with what follows them in the file.
            let anonymous = slice(memory.image, memory.image_count).iter().all(|chunk| chunk.moved == 0);
            if old != new {
                memory.base = map::grow(memory.base, old, new, anonymous)?;
            }
        }
    }
    Ok(())
}

/// Whether a reservation contains this address: then a fault there is one of a Wasm memory.
pub fn reservation_contains(program: &ProgramInfo, address: usize) -> bool {
    // SAFETY: the compiler describes its own data; only read here, in a signal handler.
    unsafe {
        slice(program.memories, program.memory_count).iter().any(|&memory| {
            let (base, bytes) = ((*memory).base as usize, (*memory).reservation as usize);
            address.wrapping_sub(base) < bytes
        })
    }
}

/// Base and size of the memory whose reservation contains this address, if there is one: of the instance in a library.
pub fn containing(program: &ProgramInfo, instance: *mut Instance, address: usize) -> Option<(usize, u64)> {
    #[cfg(feature = "libraries")]
    let (_, found) = (program, crate::library::memory::all(instance));
    #[cfg(not(feature = "libraries"))]
    // SAFETY: the compiler describes its own data.
    let (_, found) = (
        instance,
        unsafe { slice(program.memories, program.memory_count) }.iter().map(|memory| memory.cast_const()),
    );
    let mut found = found.filter_map(|memory| {
        // SAFETY: as above; only read here, in a signal handler.
        let (base, reservation, size) =
            unsafe { ((*memory).base as usize, (*memory).reservation, (*memory).size) };
        (base != 0 && address.wrapping_sub(base) < reservation as usize).then_some((base, size))
    });
    found.next()
}
