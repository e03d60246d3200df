//! The heap of exceptions: those that some code holds a reference to.
//!
//! References are plain addresses, in registers, frames, globals, tables and other exceptions. Memory is
//! found to be free by a conservative collection: every word in these places that could be the address
//! of an exception is taken for one; whatever isn't reached is free. Invariants:
//!
//! - an exception never moves, and its address is that of a block;
//! - a collection happens only in `keep`, when the registers of all Wasm code are on the stack;
//! - what a collection frees is less than a quarter of the heap, or the heap doubles: so the work is
//!   proportional to what is allocated.

use core::ptr::{self, null_mut};

use wasm_aot_abi::exception::Exception;

use crate::program::{program, slice};
use crate::stack::bounds::only_stack_top;
use crate::sys::lock::Lock;
use crate::sys::{self, map};

/// Blocks of one size. The blocks follow the head and the states.
#[repr(C, align(16))]
struct Arena {
    next: *mut Arena,
    block_bytes: usize,
    blocks: usize,
    /// Address of the first block.
    first: usize,
}

/// The state of a block, a byte each.
const FREE: u8 = 0;
const USED: u8 = 1;
/// Reached, but not yet searched for references.
const FOUND: u8 = 2;
const SEARCHED: u8 = 3;

const SMALLEST_BLOCK: usize = 32;
const FIRST_ARENA_BYTES: usize = 64 << 10;

static mut ARENAS: *mut Arena = null_mut();

/// Held by whoever allocates a block.
static ALLOCATION: Lock = Lock::new();

/// Moves an exception to the heap; none if there is no memory for it.
pub fn keep(exception: *const Exception) -> Option<*const Exception> {
    let _allocating = ALLOCATION.lock();
    // SAFETY: the exception is complete; no other thread allocates, and this one runs no Wasm code meanwhile.
    unsafe {
        let bytes = (*exception).size as usize;
        let block = allocate(bytes)?;
        ptr::copy_nonoverlapping(exception.cast::<u8>(), block, bytes);
        Some(block.cast())
    }
}

/// # Safety
/// As in `keep`.
unsafe fn allocate(bytes: usize) -> Option<*mut u8> {
    let block_bytes = bytes.next_power_of_two().max(SMALLEST_BLOCK);
    // SAFETY: the arenas are ours.
    unsafe {
        if let Some(block) = take(block_bytes) {
            return Some(block);
        }
        let of_size = || arenas().filter(|arena| (**arena).block_bytes == block_bytes);
        let blocks: usize = of_size().map(|arena| (*arena).blocks).sum();
        if blocks != 0
            && let Some(stack_top) = only_stack_top()
        {
            collect(stack_top);
            let free =
                of_size().flat_map(|arena| states(arena).iter()).filter(|state| **state == FREE).count();
            if free >= blocks / 4
                && let Some(block) = take(block_bytes)
            {
                return Some(block);
            }
        }
        let least = (FIRST_ARENA_BYTES / block_bytes).max(8);
        let mut more = blocks.max(least);
        // Where there is no memory for twice as many, there may be for some; else those that were freed must do.
        while add_arena(block_bytes, more).is_err() && more > least {
            more = (more / 2).max(least);
        }
        take(block_bytes)
    }
}

fn arenas() -> impl Iterator<Item = *mut Arena> {
    // SAFETY: a list of mappings that are never unmapped.
    unsafe {
        let first = ARENAS;
        core::iter::successors((!first.is_null()).then_some(first), |arena| {
            let next = (**arena).next;
            (!next.is_null()).then_some(next)
        })
    }
}

/// Gives back all exceptions, when the instance that threw them is no more.
///
/// # Safety
/// Nothing refers to any.
#[cfg(feature = "libraries")]
pub unsafe fn forget_all() {
    let _allocating = ALLOCATION.lock();
    // SAFETY: as the caller promises; each arena is a mapping.
    unsafe {
        while !ARENAS.is_null() {
            let arena = ARENAS;
            ARENAS = (*arena).next;
            let end = (*arena).first + (*arena).blocks * (*arena).block_bytes;
            map::unmap(arena.cast(), end - arena.expose_provenance());
        }
    }
}

/// # Safety
/// `arena` is one of ours, and there is no other reference to its states.
unsafe fn states<'a>(arena: *mut Arena) -> &'a mut [u8] {
    // SAFETY: they follow the head.
    unsafe { core::slice::from_raw_parts_mut(arena.add(1).cast(), (*arena).blocks) }
}

/// A free block of this size, now used.
///
/// # Safety
/// As for `states`.
unsafe fn take(block_bytes: usize) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    unsafe {
        arenas().filter(|arena| (**arena).block_bytes == block_bytes).find_map(|arena| {
            let states = states(arena);
            let index = states.iter().position(|state| *state == FREE)?;
            *states.get_mut(index)? = USED;
            Some(ptr::with_exposed_provenance_mut((*arena).first + index * block_bytes))
        })
    }
}

/// # Safety
/// As for `states`.
unsafe fn add_arena(block_bytes: usize, blocks: usize) -> sys::Result<()> {
    let head = (size_of::<Arena>() + blocks).next_multiple_of(16);
    let memory = map::map(0, head + blocks * block_bytes, true)?;
    let arena = memory.cast::<Arena>();
    // SAFETY: a new mapping, large enough; its zeroes are the states of free blocks.
    unsafe {
        arena.write(Arena { next: ARENAS, block_bytes, blocks, first: memory.expose_provenance() + head });
        ARENAS = arena;
    }
    Ok(())
}

/// Frees the blocks that nothing refers to. In a program with threads nothing is freed, as the others would have to be
/// stopped for it.
///
/// # Safety
/// As in `keep`.
unsafe fn collect(stack_top: usize) {
    // SAFETY: the words of the stack, of the program's roots and of exceptions are readable; the states
    // are borrowed for one step at a time.
    unsafe {
        // The registers of Wasm code are on the stack above this.
        let marker = 0_u64;
        let start = &raw const marker;
        let mut found = search(start, (stack_top - start.addr()) / 8);
        let program = program();
        for root in slice(program.exceptions.roots, program.exceptions.root_count) {
            found |= search((**root).start, (**root).count as usize);
        }
        while found {
            found = false;
            for arena in arenas() {
                for index in 0..(*arena).blocks {
                    let Some(state) = states(arena).get_mut(index).filter(|state| **state == FOUND) else {
                        continue;
                    };
                    *state = SEARCHED;
                    let block = (*arena).first + index * (*arena).block_bytes;
                    found |= search(block as *const u64, (*arena).block_bytes / 8);
                }
            }
        }
        for arena in arenas() {
            for state in states(arena) {
                *state = if *state == SEARCHED { USED } else { FREE };
            }
        }
    }
}

/// Marks the blocks whose addresses are among these words; whether any was new.
///
/// # Safety
/// The words are readable.
unsafe fn search(words: *const u64, count: usize) -> bool {
    let mut found = false;
    for index in 0..count {
        // SAFETY: as the caller promises.
        let word = unsafe { words.add(index).read() } as usize;
        for arena in arenas() {
            // SAFETY: the arena is ours, and nobody else holds its states.
            unsafe {
                let offset = word.wrapping_sub((*arena).first);
                if offset >= (*arena).blocks * (*arena).block_bytes
                    || !offset.is_multiple_of((*arena).block_bytes)
                {
                    continue;
                }
                if let Some(state) = states(arena).get_mut(offset / (*arena).block_bytes)
                    && *state == USED
                {
                    *state = FOUND;
                    found = true;
                }
            }
        }
    }
    found
}
