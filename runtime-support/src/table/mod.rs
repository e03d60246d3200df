//! Tables that are written: growing and filling. Bounds are checked by compiled code.

use core::ptr;

use wasm_aot_abi::layout::{Memory, Table};

use crate::sys::{Errno, map};

/// `table.grow`. Returns the previous size, or `u64::MAX` if the table can't grow.
///
/// # Safety
/// `table` is a table of the program; called by compiled code only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_table_grow(table: *mut Table, delta: u64, init: u64) -> u64 {
    // SAFETY: compiled code passes one of the program's tables and holds no reference to it.
    let table = unsafe { &mut *table };
    let previous = table.size;
    let Some(new_size) = previous.checked_add(delta).filter(|&size| size <= table.maximum) else {
        return u64::MAX;
    };
    // SAFETY: the elements up to the capacity belong to the table.
    unsafe {
        if new_size > table.capacity & !MAPPED && reallocate(table, new_size).is_err() {
            return u64::MAX;
        }
        wasm_aot_table_fill(table.elements.add(previous as usize), init, delta as usize);
    }
    table.size = new_size;
    previous
}

/// In the capacity of a table: its elements are a mapping. At first they are in static data.
pub const MAPPED: u64 = 1 << 63;

/// Makes room for more elements: for twice as many, so that it happens seldom, or for as many as there must be.
///
/// # Safety
/// Nothing else refers to the elements.
unsafe fn reallocate(table: &mut Table, at_least: u64) -> crate::sys::Result<()> {
    let (capacity, is_mapped) = (table.capacity & !MAPPED, table.capacity & MAPPED != 0);
    let bytes = |elements: u64| {
        let bytes = elements.checked_mul(8)?.checked_next_multiple_of(Memory::GRANULE)?;
        usize::try_from(bytes).ok().filter(|&bytes| bytes <= isize::MAX as usize)
    };
    let mut result = Err(Errno::NOMEM);
    for wanted in [at_least.max(2 * capacity), at_least] {
        let Some(new_bytes) = bytes(wanted) else { continue };
        // SAFETY: as the caller promises; mappings have at least that many bytes. Both arrays hold `size` elements and are
        // distinct.
        result = unsafe {
            if is_mapped {
                map::grow(table.elements.cast(), capacity as usize * 8, new_bytes, true)
            } else {
                map::map(0, new_bytes, true).inspect(|elements| {
                    ptr::copy_nonoverlapping(table.elements, elements.cast(), table.size as usize);
                })
            }
        };
        if let Ok(elements) = result {
            table.elements = elements.cast();
            table.capacity = (new_bytes as u64 / 8) | MAPPED;
            break;
        }
    }
    result.map(drop)
}

/// Sets `count` elements to `value`.
///
/// # Safety
/// The elements belong to one table.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_table_fill(elements: *mut u64, value: u64, count: usize) {
    for index in 0..count {
        // SAFETY: as the caller promises.
        unsafe { elements.add(index).write(value) };
    }
}
