//! Tables that are written: growing and filling. Bounds are checked by compiled code.

use wasm_aot_abi::layout::Table;

use crate::sys::map;

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
    // SAFETY: the elements up to `capacity` belong to the table.
    unsafe {
        if new_size > table.capacity && reallocate(table, new_size).is_err() {
            return u64::MAX;
        }
        wasm_aot_table_fill(table.elements.add(previous as usize), init, delta as usize);
    }
    table.size = new_size;
    previous
}

/// Moves the elements to a larger mapping; the old one is left (the first is in static data).
///
/// # Safety
/// Nothing else refers to the elements.
unsafe fn reallocate(table: &mut Table, at_least: u64) -> crate::sys::Result<()> {
    let capacity = at_least.max(table.capacity * 2).max(512);
    let elements = map::map(0, capacity as usize * 8, true)?.cast::<u64>();
    // SAFETY: both arrays hold `size` elements and are distinct.
    unsafe { core::ptr::copy_nonoverlapping(table.elements, elements, table.size as usize) };
    table.elements = elements;
    table.capacity = capacity;
    Ok(())
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
