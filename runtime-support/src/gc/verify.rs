//! `--gc-verify`: checks the invariants of the heap before and after each collection. It is reached through a pointer
//! that only programs built with this flag have.

use wasm_aot_abi::gc::{ALIGNMENT, MOVED, TYPE_SHIFT};

use super::description::heap;
use super::object::Object;
use super::{Collector, cards};
use crate::fail::INTERNAL_ERROR_EXIT_CODE;
use crate::line::Line;
use crate::sys;

/// `wasm_aot_abi::symbols::GC_VERIFY`.
///
/// # Safety
/// `collector` is a `Collector` that nobody else has meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_gc_verify(collector: *mut u8, before: u32) {
    // SAFETY: as the caller promises; objects follow each other without gaps.
    unsafe {
        let collector = &mut *collector.cast::<Collector>();
        let (old, nursery) = (collector.old.used_range(), collector.nursery.start()..collector.next());
        for range in [old.clone(), nursery.clone()] {
            let mut object = range.start;
            while object < range.end {
                object += collector.check_object(object, before != 0 && old.contains(&object));
            }
            if object != range.end {
                damaged(b"an object reaches beyond its space", object, range.end as u64);
            }
        }
        if before == 0 && !nursery.is_empty() {
            damaged(b"the nursery is not empty", nursery.start, nursery.end as u64);
        }
        let mut next = collector.large.following(None);
        while let Some(object) = next {
            collector.check_object(object, before != 0);
            next = collector.large.following(Some(object));
        }
        super::roots::each(collector.frame, |place| {
            if !collector.is_reference(place.read()) {
                damaged(b"a root is no reference", place.addr(), place.read());
            }
        });
    }
}

impl Collector {
    /// Checks an object; its size.
    ///
    /// # Safety
    /// There is one, if the heap is in order.
    unsafe fn check_object(&mut self, address: usize, needs_card: bool) -> usize {
        let object = Object(address);
        // SAFETY: as the caller promises.
        unsafe {
            let header = object.header();
            if header & MOVED != 0 || u64::from(header >> TYPE_SHIFT) >= heap().type_count {
                damaged(b"a header is no type", address, header.into());
            }
            let info = object.info();
            let nursery = self.nursery.range();
            object.references(info, |place| {
                let reference = place.read();
                if !self.is_reference(u64::from(reference)) {
                    damaged(b"a reference leads nowhere", place.addr(), reference.into());
                }
                if needs_card && nursery.contains(&(reference as usize)) && !cards::is_set(address) {
                    damaged(
                        b"an old object with a reference to a new one has no card",
                        address,
                        reference.into(),
                    );
                }
            });
            object.bytes(info)
        }
    }

    /// Whether this is null, a value, or an object.
    fn is_reference(&mut self, word: u64) -> bool {
        let address = word as usize;
        if word == 0 || (word & 3 != 0 && word >> 32 == 0) {
            return true;
        }
        let nursery = self.nursery.start()..self.next();
        let known = nursery.contains(&address) || self.old.used_range().contains(&address);
        if !address.is_multiple_of(ALIGNMENT as usize) || !(known || self.large.contains(address)) {
            return false;
        }
        // SAFETY: within a space.
        let header = unsafe { Object(address).header() };
        header & MOVED == 0 && u64::from(header >> TYPE_SHIFT) < heap().type_count
    }
}

/// Ends the program. `place`: of an object or a reference; `word`: what is there.
fn damaged(what: &[u8], place: usize, word: u64) -> ! {
    Line::<200>::new()
        .text(b"wasm-aot: internal error: the heap of objects is damaged: ")
        .text(what)
        .text(b" (0x")
        .number(word as usize, 16)
        .text(b" at 0x")
        .number(place, 16)
        .text(b")\n")
        .print();
    sys::exit(INTERNAL_ERROR_EXIT_CODE)
}
