//! Runs the component, each time in an instance of its own: what an instance changes is put back afterwards. Its memories
//! become their images again, page by page as they are touched; tables, globals and what else is data of compiled code is
//! copied; resources that are left are dropped.
//!
//! A mistake here shows one client what belongs to another. Invariants:
//!
//! - whatever compiled code, or a function of the host on its behalf, can change is in the list of the compiler
//!   (`wasm_aot_abi::server::Server`), in a table of resources, or in `exchange`;
//! - no compiled code runs while it is put back.

use core::ptr;
use core::slice;

use wasm_aot_abi::component::{Canonical, ComponentInstance};
use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, ImageChunk, Memory, Table};
use wasm_aot_abi::library::Instance;
use wasm_aot_abi::server::Region;

use super::info;
use crate::component::{handle, reset_calls};
use crate::fail::fail;
use crate::program::{code_offset, program, slice as array};
use crate::stack::bounds::guard_contains;
use crate::stack::catch;
use crate::sys::{map, server};
use crate::table;
use crate::wasi2::http;

/// How the run of an instance has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Returned,
    /// It has called `exit`.
    Left,
    Trapped,
}

/// The stack pointer to come back with; 0 while no instance runs.
static mut BACK: usize = 0;
static mut OUTCOME: Outcome = Outcome::Returned;

/// What is to be restored.
static mut SAVED: Saved = Saved { bytes: ptr::null_mut(), sizes: ptr::null_mut(), copied: ptr::null_mut() };

#[derive(Clone, Copy)]
struct Saved {
    /// The regions, one after the other, and then each table with its elements.
    bytes: *mut u8,
    /// The size of each memory.
    sizes: *mut u64,
    /// Whether each chunk of the images, in order, was copied into its memory: else its pages are there.
    copied: *mut bool,
}

fn regions() -> &'static [Region] {
    // SAFETY: the compiler's constant data.
    unsafe { array(info().regions, info().region_count) }
}

fn tables() -> &'static [*mut Table] {
    // SAFETY: as above.
    unsafe { array(info().tables, info().table_count) }
}

fn memories() -> &'static [*mut Memory] {
    // SAFETY: as above.
    unsafe { array(program().memories, program().memory_count) }
}

/// Calls `action` with each piece of data that is saved, and where it is saved.
///
/// # Safety
/// The tables are as they were at first, so that their elements are where they were.
unsafe fn each_piece(mut saved: *mut u8, action: &mut dyn FnMut(*mut u8, *mut u8, usize)) {
    let mut piece = |at: *mut u8, bytes: usize| {
        action(at, saved, bytes);
        saved = saved.wrapping_add(bytes);
    };
    for region in regions() {
        piece(region.start, region.bytes as usize);
    }
    for &table in tables() {
        // SAFETY: the compiler's structure.
        let Table { elements, size, .. } = unsafe { table.read() };
        piece(elements.cast(), size as usize * 8);
    }
}

/// Keeps what instances change, before there is one.
pub fn prepare() {
    // SAFETY: the compiler's structures.
    let chunk_count: usize = memories().iter().map(|memory| unsafe { chunks(*memory) }.len()).sum();
    let mut bytes = size_of_val(memories()) + size_of::<Table>() * tables().len() + chunk_count;
    // SAFETY: nothing has run yet.
    unsafe { each_piece(ptr::null_mut(), &mut |_, _, piece| bytes += piece) };
    let Ok(start) = map::map(0, bytes.next_multiple_of(64 << 10), true) else {
        fail(b"no memory for what a server needs to begin each request anew");
    };
    // SAFETY: the mapping is large enough for the sizes, the tables and the pieces; nothing has run yet.
    unsafe {
        let sizes = start.cast::<u64>();
        for (number, &memory) in memories().iter().enumerate() {
            sizes.add(number).write((*memory).size);
        }
        let saved_tables = sizes.add(memories().len()).cast::<Table>();
        for (number, &table) in tables().iter().enumerate() {
            saved_tables.add(number).write(table.read());
        }
        let copied = saved_tables.add(tables().len()).cast::<bool>();
        let bytes = copied.add(chunk_count).cast::<u8>();
        each_piece(bytes, &mut |at, saved, piece| ptr::copy_nonoverlapping(at, saved, piece));
        SAVED = Saved { bytes, sizes, copied };
        let mut next = copied;
        for &memory in memories() {
            for chunk in chunks(memory) {
                next.write(is_copied(chunk, (*memory).base));
                next = next.add(1);
            }
        }
        reset_memories();
    }
}

/// # Safety
/// A memory of the program.
unsafe fn chunks(memory: *mut Memory) -> &'static [ImageChunk] {
    // SAFETY: the compiler's constant data.
    unsafe { array((*memory).image, (*memory).image_count) }
}

/// Whether a chunk's bytes were copied into the memory: else its pages were moved there, and become what they were when they
/// are restored. The memory must be reset afterwards.
///
/// # Safety
/// The memory at `base` is as it was at first.
unsafe fn is_copied(chunk: &ImageChunk, base: *mut u8) -> bool {
    if chunk.moved == 0 || !map::has_pages_of(IMAGE_ALIGNMENT as usize) {
        return true;
    }
    // SAFETY: the chunk lies in the memory; a page of it is restored, to what the executable has or to zeroes.
    unsafe {
        let target = base.add(chunk.offset as usize);
        let bytes = slice::from_raw_parts(target, chunk.length as usize);
        let Some(at) = bytes.iter().position(|byte| *byte != 0) else { return false };
        let byte = target.add(at);
        let page = byte.sub(byte.addr() % IMAGE_ALIGNMENT as usize);
        _ = server::restore(page, IMAGE_ALIGNMENT as usize);
        byte.read_volatile() == 0
    }
}

extern "C" fn run_program(_: *mut u64) {
    (info().run)();
}

/// Runs an instance for the request that is being answered.
pub fn run() -> Outcome {
    // SAFETY: there is one thread. Frames that are left are Wasm code, or functions of the host that it has called, which
    // have nothing to clean up.
    unsafe {
        OUTCOME = Outcome::Returned;
        catch::call_until_left(run_program, ptr::null_mut(), &raw mut BACK);
        BACK = 0;
        OUTCOME
    }
}

/// Ends the instance that runs; without one, the process.
pub fn leave(outcome: Outcome) {
    // SAFETY: as in `run`.
    unsafe {
        if BACK != 0 {
            OUTCOME = outcome;
            catch::leave_to(BACK);
        }
    }
}

/// `wasm_aot_abi::symbols::SERVER_REPORT`: shows the frames of a trap, and ends the instance.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_server_report(pc: usize, frame: usize, address: usize, instance: *mut Instance) {
    (info().report)(pc, frame, address, instance);
    // A trap of Wasm code, one that a function of the host raises for it (0), or an exhausted stack. A fault in the runtime
    // is a defect of ours, after which nothing goes on.
    if pc == 0 || code_offset(program(), pc).is_some() || guard_contains(address) {
        leave(Outcome::Trapped);
    }
}

/// Puts everything back that the instance has changed.
pub fn reset() {
    // SAFETY: no compiled code runs; the structures are the compiler's.
    unsafe {
        let saved = SAVED;
        let saved_tables = saved.sizes.add(memories().len()).cast::<Table>();
        for (number, &table) in tables().iter().enumerate() {
            reset_table(&mut *table, saved_tables.add(number).read());
        }
        each_piece(saved.bytes, &mut |at, saved, piece| ptr::copy_nonoverlapping(saved, at, piece));
        // The instances may call out again, so what they have left can be dropped. Whatever can't be dropped is left out: its
        // handle is gone then, so this ends.
        while !IS_DROPPED {
            catch::call_until_left(drop_resources, ptr::null_mut(), &raw mut BACK);
        }
        BACK = 0;
        IS_DROPPED = false;
        reset_memories();
    }
}

/// Makes all memories what they were at first.
///
/// # Safety
/// What is saved is complete, and no compiled code runs.
unsafe fn reset_memories() {
    // SAFETY: as the caller promises.
    unsafe {
        let Saved { sizes, mut copied, .. } = SAVED;
        for (number, &memory) in memories().iter().enumerate() {
            reset_memory(&mut *memory, sizes.add(number).read(), copied);
            copied = copied.add(chunks(memory).len());
        }
    }
}

/// # Safety
/// `first` is what the table was at first.
unsafe fn reset_table(table: &mut Table, first: Table) {
    let is_mapped = table.capacity & table::MAPPED != 0;
    if is_mapped {
        let bytes = (table.capacity & !table::MAPPED) as usize * 8;
        // SAFETY: the mapping is the table's, whose elements are elsewhere from now on.
        unsafe { server::unmap(table.elements.cast(), bytes) };
    }
    *table = first;
}

/// Whether everything has been dropped.
static mut IS_DROPPED: bool = false;

/// Drops what the component instances have handles of, and makes their tables empty.
extern "C" fn drop_resources(_: *mut u64) {
    // SAFETY: the compiler's constant data.
    let drops = unsafe { array(info().drops, info().drop_count) };
    let components: &[*mut ComponentInstance] =
        // SAFETY: the compiler's constant data.
        unsafe { array(info().components, info().component_count) };
    for &component in components {
        // SAFETY: the compiler's structure.
        handle::release_borrows(unsafe { &mut *component });
    }
    // Resources come before those that they depend on.
    for drop in drops {
        for &instance in components {
            let options =
                Canonical { memory: ptr::null_mut(), realloc: None, instance, encoding: Canonical::UTF8 };
            let mut next = 0;
            // SAFETY: as above; each drop removes the handle.
            while let Some(handle) = handle::next_own(unsafe { &mut *instance }, drop.kind as u32, &mut next)
            {
                (drop.drop)(handle, &options);
            }
        }
    }
    for &component in components {
        // SAFETY: as above.
        handle::clear(unsafe { &mut *component });
    }
    reset_calls();
    http::reset();
    // SAFETY: there is one thread.
    unsafe { IS_DROPPED = true };
}

/// Makes a memory what it was at first.
///
/// # Safety
/// `size` is the size that it had at first; `copied` says of each chunk whether it is copied.
unsafe fn reset_memory(memory: &mut Memory, size: u64, copied: *const bool) {
    let granules = |bytes: u64| bytes.next_multiple_of(Memory::GRANULE);
    let (first, now) = (granules(size), granules(memory.size));
    // SAFETY: the first `now` bytes of the reservation are accessible, and the memory's; chunks lie in the first `first`
    // bytes, in whole pages if they were moved.
    unsafe {
        let mut done = server::restore(memory.base, now as usize);
        if now > first {
            done = done.and(server::hide(memory.base.add(first as usize), (now - first) as usize));
        }
        if done.is_err() {
            fail(b"the memory of an instance can't be given back");
        }
        memory.size = size;
        for (number, chunk) in chunks(memory).iter().enumerate() {
            let (target, length) = (memory.base.add(chunk.offset as usize), chunk.length as usize);
            if copied.add(number).read() {
                ptr::copy_nonoverlapping(chunk.bytes, target, length);
            } else {
                // What follows in the executable came with the page.
                put_zeroes(target.add(length), chunk.moved as usize - length);
            }
        }
    }
}

/// Writes zeroes where there are others, so that a page that nobody needs isn't copied.
///
/// # Safety
/// The bytes can be written.
unsafe fn put_zeroes(start: *mut u8, bytes: usize) {
    // SAFETY: as the caller promises.
    let bytes = unsafe { slice::from_raw_parts_mut(start, bytes) };
    if bytes.iter().any(|byte| *byte != 0) {
        bytes.fill(0);
    }
}
