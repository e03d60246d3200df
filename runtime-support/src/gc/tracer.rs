//! Moving what is reachable (C. J. Cheney, "A Nonrecursive List Compacting Algorithm", 1970): objects that have been
//! moved, but whose references haven't been visited, are the end of the space that they were moved to.

use core::ops::Range;
use core::ptr;

use wasm_aot_abi::gc::MOVED;
use wasm_aot_abi::trap::Trap;

use super::cards;
use super::large::Large;
use super::object::Object;
use super::space::{LARGE, Space};
use crate::fail;
use crate::stack::frame::Frame;

pub struct Tracer<'c> {
    /// What is being emptied.
    nursery: Range<usize>,
    /// Empty if only the nursery is.
    old: Range<usize>,
    to: &'c mut Space,
    large: &'c mut Large,
    /// Large objects are looked for, too.
    all: bool,
    /// Of the runtime's function that Wasm code called.
    frame: Frame,
}

impl<'c> Tracer<'c> {
    pub fn new(
        nursery: Range<usize>,
        old: Option<Range<usize>>,
        to: &'c mut Space,
        large: &'c mut Large,
        frame: Frame,
    ) -> Tracer<'c> {
        Tracer { nursery, all: old.is_some(), old: old.unwrap_or(0..0), to, large, frame }
    }

    pub fn large(&mut self) -> &mut Large {
        self.large
    }

    /// What a reference is after the collection.
    ///
    /// # Safety
    /// It is a reference.
    #[inline]
    pub unsafe fn visit(&mut self, reference: u32) -> u32 {
        let address = reference as usize;
        if address & 3 != 0 {
            return reference;
        }
        // SAFETY: what lies in a space is an object.
        unsafe {
            if self.nursery.contains(&address) || self.old.contains(&address) {
                return self.moved(Object(address));
            }
        }
        if self.all && LARGE.contains(&address) {
            self.large.mark(address);
        }
        reference
    }

    /// Where an object is after the collection.
    ///
    /// # Safety
    /// It is an object in a space that is being emptied.
    #[inline]
    unsafe fn moved(&mut self, object: Object) -> u32 {
        // SAFETY: as the caller promises; the new place is as large.
        unsafe {
            let header = object.header();
            if header & MOVED != 0 {
                return header & !MOVED;
            }
            let bytes = object.bytes(object.info());
            // There is address space, but perhaps no memory.
            let Some(place) = self.to.take(bytes) else {
                fail::end(Trap::HeapExhausted, self.frame);
            };
            ptr::copy_nonoverlapping(object.0 as *const u64, place as *mut u64, bytes / 8);
            cards::note_start(place);
            object.set_header(place as u32 | MOVED);
            place as u32
        }
    }

    /// Visits the references in an object.
    ///
    /// # Safety
    /// It is an object that hasn't been moved.
    #[inline]
    pub unsafe fn scan(&mut self, object: Object) -> usize {
        // SAFETY: as the caller promises.
        unsafe {
            let info = object.info();
            object.references(info, |place| {
                let reference = place.read();
                let now = self.visit(reference);
                if now != reference {
                    place.write(now);
                }
            });
            object.bytes(info)
        }
    }

    /// Visits the references of all that has been moved to `from` and behind it, until there are no more.
    ///
    /// # Safety
    /// An object starts at `from`, or nothing has been moved.
    pub unsafe fn finish(&mut self, from: usize) {
        let mut next = from;
        // SAFETY: objects follow each other without gaps.
        unsafe {
            loop {
                while next < self.to.next() {
                    next += self.scan(Object(next));
                }
                match self.large.take_marked() {
                    Some(object) => _ = self.scan(Object(object)),
                    None => break,
                }
            }
        }
    }
}
