//! Core dumps (`wasm_aot_abi::post_mortem`): what is reserved stays out of them, and a trap may cause one. Linked into programs
//! that are for debuggers only.

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::Instance;
use wasm_aot_abi::post_mortem::{CORE, PostMortem};

use crate::memory::shared::wasm_aot_shared_memory_grow;
use crate::memory::wasm_aot_memory_grow;
use crate::program::{program, slice};
use crate::sys::{map, signal};
use crate::wasi::user;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::POST_MORTEM`.
    static wasm_aot_post_mortem: PostMortem;
}

fn info() -> &'static PostMortem {
    // SAFETY: the compiler defines the symbol in every program that has functions of this file, with this layout.
    unsafe { &wasm_aot_post_mortem }
}

/// `wasm_aot_abi::symbols::POST_MORTEM_MAIN`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_post_mortem_main() {
    let program = program();
    // SAFETY: the compiler describes its own data; nothing else runs yet.
    for &memory in unsafe { slice(program.memories, program.memory_count) } {
        // SAFETY: as above.
        leave_out_rest(unsafe { &*memory });
    }
    (info().main)()
}

/// Leaves the part of a memory's reservation that isn't accessible out of core dumps.
fn leave_out_rest(memory: &Memory) {
    let accessible = memory.size.next_multiple_of(Memory::GRANULE);
    if memory.reservation > accessible {
        let rest = memory.base.wrapping_add(accessible as usize);
        map::set_dumped(rest, (memory.reservation - accessible) as usize, false);
    }
}

/// Has all of a memory that is accessible in core dumps, once it has grown.
fn put_in_grown(memory: &Memory) {
    if memory.reservation != 0 {
        map::set_dumped(memory.base, memory.size.next_multiple_of(Memory::GRANULE) as usize, true);
    }
}

/// `wasm_aot_abi::symbols::MEMORY_GROW_DUMPED`.
///
/// # Safety
/// As for [`wasm_aot_memory_grow`].
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_memory_grow_dumped(memory: *mut Memory, delta_pages: u64) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        let previous = wasm_aot_memory_grow(memory, delta_pages);
        put_in_grown(&*memory);
        leave_out_rest(&*memory);
        previous
    }
}

/// `wasm_aot_abi::symbols::SHARED_MEMORY_GROW_DUMPED`.
///
/// # Safety
/// As for [`wasm_aot_shared_memory_grow`].
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_shared_memory_grow_dumped(memory: *mut Memory, delta_pages: u64) -> u64 {
    // SAFETY: as the caller promises. Other threads may change the size meanwhile: then they put in what is more.
    unsafe {
        let previous = wasm_aot_shared_memory_grow(memory, delta_pages);
        put_in_grown(&memory.read_volatile());
        previous
    }
}

/// `wasm_aot_abi::symbols::POST_MORTEM_REPORT`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_post_mortem_report(pc: usize, frame: usize, address: usize, instance: *mut Instance) {
    let info = info();
    (info.report)(pc, frame, address, instance);
    let asked = if info.is_locked == 0 { user::granted(CORE) } else { &[] };
    let wanted = match asked {
        b"0" => false,
        b"1" => true,
        _ => info.core_on_trap != 0,
    };
    if wanted {
        signal::die();
    }
}
