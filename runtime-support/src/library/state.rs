//! The state of an instance: what Wasm code writes, behind its `Instance`.

use core::ptr;

use wasm_aot_abi::layout::Table;
use wasm_aot_abi::library::{Instance, TablePlace};

use crate::program::slice;
use crate::sys::map;
use crate::table::MAPPED;

use super::info;

/// Gives the state its initial contents.
///
/// # Safety
/// This thread holds the instance, and its tables are in the state.
pub unsafe fn fill(instance: *mut Instance) {
    let info = info();
    // SAFETY: as the caller promises; the compiler describes its own data.
    unsafe {
        let start = instance.byte_add(Instance::BYTES as usize).cast::<u8>();
        let (bytes, template) = (info.state_bytes - Instance::BYTES, info.template_bytes as usize);
        ptr::copy_nonoverlapping(info.template, start, template);
        ptr::write_bytes(start.add(template), 0, bytes as usize - template);
        for place in slice(info.tables, info.table_count) {
            let (table, elements) = table(instance, place);
            (*table).elements = elements;
        }
    }
}

/// Gives back the elements of the tables that have left the state.
///
/// # Safety
/// This thread holds the instance.
pub unsafe fn drop_tables(instance: *mut Instance) {
    let info = info();
    // SAFETY: as the caller promises; a mapping has room for the capacity.
    unsafe {
        for place in slice(info.tables, info.table_count) {
            let (table, elements) = table(instance, place);
            if (*table).capacity & MAPPED != 0 {
                map::unmap((*table).elements.cast(), ((*table).capacity & !MAPPED) as usize * 8);
                (*table).elements = elements;
                (*table).capacity = 0;
                (*table).size = 0;
            }
        }
    }
}

/// A descriptor, and where its elements are at first.
unsafe fn table(instance: *mut Instance, place: &TablePlace) -> (*mut Table, *mut u64) {
    // SAFETY: both lie in the state.
    unsafe {
        (
            instance.byte_add(place.descriptor as usize).cast(),
            instance.byte_add(place.elements as usize).cast(),
        )
    }
}
