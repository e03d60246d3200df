//! Large objects: pages of their own, which never move.

use core::ops::Range;
use core::ptr;

use super::cards;
use super::space::{GRANULE, LARGE, given};
use crate::sys::map;

const COUNT: usize = (LARGE.end - LARGE.start) / GRANULE;

/// What is at a granule of the address space.
#[repr(C)]
#[derive(Clone, Copy)]
struct Entry {
    /// Granules of the object that starts here, or 0.
    granules: u32,
    /// It is reachable.
    marked: u32,
    /// The next in the list of objects whose references are still to be visited: its index plus 1.
    next: u32,
}

pub struct Large {
    entries: *mut Entry,
    /// The part of `LARGE` that there is.
    range: Range<usize>,
    /// Behind the last object.
    end: usize,
    /// Bytes of all.
    pub used: usize,
    /// First of the list.
    pending: u32,
}

fn address(index: usize) -> usize {
    LARGE.start + index * GRANULE
}

fn index(address: usize) -> usize {
    (address - LARGE.start) / GRANULE
}

impl Large {
    pub const fn new() -> Large {
        Large { entries: ptr::null_mut(), range: LARGE, end: 0, used: 0, pending: 0 }
    }

    /// Makes the table, and sure of the address space; none if there is no memory for it.
    pub fn map(&mut self) -> Option<()> {
        self.range = map::claim(LARGE);
        let bytes = (COUNT * size_of::<Entry>()).next_multiple_of(GRANULE);
        self.entries = given(map::map(0, bytes, true))?.cast();
        Some(())
    }

    fn entry(&mut self, index: usize) -> &mut Entry {
        debug_assert!(index < COUNT);
        // SAFETY: the table has `COUNT` entries.
        unsafe { &mut *self.entries.add(index) }
    }

    /// A new object, whose card is set. None if there is no memory or address space for it.
    pub fn allocate(&mut self, bytes: usize) -> Option<usize> {
        let granules = bytes.div_ceil(GRANULE);
        let first = self.find(granules)?;
        let object = address(first);
        given(map::use_claimed(object, granules * GRANULE))?;
        *self.entry(first) = Entry { granules: granules as u32, marked: 0, next: 0 };
        self.end = self.end.max(first + granules);
        self.used += granules * GRANULE;
        cards::set(object, 1);
        Some(object)
    }

    /// The first place for this number of granules.
    fn find(&mut self, wanted: usize) -> Option<usize> {
        let (start, end) = (index(self.range.start), index(self.range.end));
        let (mut first, mut place) = (start, start);
        while place < self.end && place - first < wanted {
            match self.entry(place).granules as usize {
                0 => place += 1,
                granules => {
                    place += granules;
                    first = place;
                }
            }
        }
        (first + wanted <= end).then_some(first)
    }

    /// The object behind this one, or the first.
    pub fn following(&mut self, object: Option<usize>) -> Option<usize> {
        let mut place = match object {
            None => 0,
            Some(object) => index(object) + self.entry(index(object)).granules as usize,
        };
        while place < self.end {
            if self.entry(place).granules != 0 {
                return Some(address(place));
            }
            place += 1;
        }
        None
    }

    /// Whether this is the address of a large object.
    pub fn contains(&mut self, object: usize) -> bool {
        LARGE.contains(&object) && object.is_multiple_of(GRANULE) && self.entry(index(object)).granules != 0
    }

    /// Notes that an object is reachable.
    pub fn mark(&mut self, object: usize) {
        let (place, pending) = (index(object), self.pending);
        let entry = self.entry(place);
        if entry.marked == 0 {
            entry.marked = 1;
            entry.next = pending;
            self.pending = place as u32 + 1;
        }
    }

    /// An object that was marked and hasn't been taken yet.
    pub fn take_marked(&mut self) -> Option<usize> {
        let place = self.pending.checked_sub(1)? as usize;
        self.pending = self.entry(place).next;
        Some(address(place))
    }

    /// Frees what isn't marked. No object refers to a new one any more.
    ///
    /// # Safety
    /// Nothing refers to what isn't marked.
    pub unsafe fn sweep(&mut self) {
        let mut next = self.following(None);
        while let Some(object) = next {
            next = self.following(Some(object));
            cards::set(object, 0);
            let entry = self.entry(index(object));
            if entry.marked != 0 {
                entry.marked = 0;
                continue;
            }
            let bytes = entry.granules as usize * GRANULE;
            entry.granules = 0;
            self.used -= bytes;
            // SAFETY: as the caller promises.
            unsafe { map::release_claimed(object, bytes) };
        }
    }
}
