//! Cards: which old objects may refer to new ones. Compiled code sets the card of the address at which an object starts
//! when it stores a reference into it. So a card stands for the objects that start in it, of which a second table
//! knows the first.

use core::ops::Range;
use core::ptr;

use wasm_aot_abi::gc::{ALIGNMENT, CARD_SHIFT, CARDS, HEAP_END};

use super::object::Object;
use super::space::given;
use super::tracer::Tracer;
use crate::sys::map;

/// Bytes of a table with a byte for each card.
const TABLE_BYTES: usize = HEAP_END as usize >> CARD_SHIFT;
const CARD_BYTES: usize = 1 << CARD_SHIFT;

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

fn card(address: usize) -> *mut u8 {
    ptr::with_exposed_provenance_mut(CARDS as usize + (address >> CARD_SHIFT))
}

fn start(address: usize) -> *mut u8 {
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

/// Is the card of this object set?
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

/// Visits the references in old and large objects whose cards are set, and clears these. `old_start`: of the old
/// space; `old_end`: behind its last object that isn't new.
///
/// # Safety
/// As for `Collector::collect_new`.
pub unsafe fn visit(tracer: &mut Tracer<'_>, old_start: usize, old_end: usize) {
    // SAFETY: the cards of the old space; both are multiples of the size of a card, and of eight of them.
    unsafe {
        let mut address = old_start;
        while address < old_end {
            if card(address).cast::<u64>().read() != 0 {
                for place in (address..address + 8 * CARD_BYTES).step_by(CARD_BYTES) {
                    if is_set(place) {
                        set(place, 0);
                        visit_card(tracer, place, old_end);
                    }
                }
            }
            address += 8 * CARD_BYTES;
        }
        let mut next = None;
        while let Some(object) = tracer.large().following(next) {
            if is_set(object) {
                set(object, 0);
                tracer.scan(Object(object));
            }
            next = Some(object);
        }
    }
}

/// Visits the objects that start in a card.
///
/// # Safety
/// As for `visit`; `address` is where the card starts.
unsafe fn visit_card(tracer: &mut Tracer<'_>, address: usize, old_end: usize) {
    // SAFETY: the objects that start in a card follow each other.
    unsafe {
        let Some(first) = start(address).read().checked_sub(1) else { return };
        let mut object = address + first as usize * ALIGNMENT as usize;
        while object < (address + CARD_BYTES).min(old_end) {
            object += tracer.scan(Object(object));
        }
    }
}
