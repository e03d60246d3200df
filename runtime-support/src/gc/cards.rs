//! Cards: which old objects may refer to new ones. Compiled code sets the card of the address at which an object starts
//! when it stores a reference into it. So a card stands for the objects that start in it, of which a second table
//! knows the first.

use core::ops::Range;
use core::ptr;

use wasm_aot_abi::gc::{ALIGNMENT, CARD_SHIFT, CARDS, HEAP_END};

use super::space::given;
use crate::sys::map;

/// Bytes of a table with a byte for each card.
const TABLE_BYTES: usize = HEAP_END as usize >> CARD_SHIFT;
pub const CARD_BYTES: usize = 1 << CARD_SHIFT;

/// For each card the first object of the old space that starts in it, as its offset in units of `ALIGNMENT`, plus
/// 1; 0 if there is none.
static mut STARTS: *mut u8 = ptr::null_mut();

/// Makes the tables; none if there is no memory for them.
pub fn map() -> Option<()> {
    given(map::map(CARDS as usize, TABLE_BYTES, true))?;
    let starts = given(map::map(0, TABLE_BYTES, true))?;
    // SAFETY: one thread.
    unsafe { STARTS = starts };
    Some(())
}

/// The card of an address.
pub fn card(address: usize) -> *mut u8 {
    ptr::with_exposed_provenance_mut(CARDS as usize + (address >> CARD_SHIFT))
}

/// The entry of `STARTS` for an address.
pub fn start(address: usize) -> *mut u8 {
    // SAFETY: addresses of objects are within the table.
    unsafe { STARTS.add(address >> CARD_SHIFT) }
}

/// Notes that an object of the old space starts here. Those before it are known.
#[inline]
pub fn note_start(address: usize) {
    let entry = start(address);
    // SAFETY: within the table.
    unsafe {
        if entry.read() == 0 {
            entry.write(((address & (CARD_BYTES - 1)) / ALIGNMENT as usize) as u8 + 1);
        }
    }
}

/// Whether the card of this object is set.
pub fn is_set(address: usize) -> bool {
    // SAFETY: within the table.
    unsafe { card(address).read() != 0 }
}

pub fn set(address: usize, value: u8) {
    // SAFETY: within the table.
    unsafe { card(address).write(value) }
}

/// Forgets all cards of a part of the old space, and the objects in it.
pub fn clear(range: Range<usize>) {
    let bytes = range.len().div_ceil(CARD_BYTES);
    // SAFETY: within the tables.
    unsafe {
        ptr::write_bytes(card(range.start), 0, bytes);
        ptr::write_bytes(start(range.start), 0, bytes);
    }
}
