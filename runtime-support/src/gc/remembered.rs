//! The old and large objects that may refer to new ones, by their cards.

use wasm_aot_abi::gc::ALIGNMENT;

use super::cards::{CARD_BYTES, card, is_set, set, start};
use super::object::Object;
use super::tracer::Tracer;

/// Visits the references in old and large objects whose cards are set, and clears these. `old_start` is the start of the
/// old space, `old_end` the end of its last object that isn't new.
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
