//! Spaces: parts of the address space that are filled from their start, and mapped as far as they are.

use core::ops::Range;
use core::ptr;

use wasm_aot_abi::gc::{HEAP_END, HEAP_START};

use crate::fail::fail;
use crate::sys::{self, map};

/// Pages are mapped and unmapped in units of this many bytes: a multiple of every kernel's page.
pub const GRANULE: usize = 64 << 10;
/// A space grows by at least this many bytes.
const STEP: usize = 1 << 20;
/// An empty space keeps this many bytes.
const KEPT: usize = 16 << 20;

pub const NURSERY: Range<usize> = HEAP_START as usize..0x1100_0000;
pub const OLD_A: Range<usize> = 0x1100_0000..0x5900_0000;
pub const OLD_B: Range<usize> = 0x5900_0000..0xa100_0000;
/// Large objects.
pub const LARGE: Range<usize> = 0xa100_0000..HEAP_END as usize;

pub struct Space {
    range: Range<usize>,
    /// What is behind the last object.
    next: usize,
    /// End of what is mapped.
    mapped: usize,
}

impl Space {
    pub const fn new(range: Range<usize>) -> Space {
        let start = range.start;
        Space { range, next: start, mapped: start }
    }

    /// Makes sure of the address space: all of it, or what there is.
    pub fn claim(&mut self) {
        self.range = map::claim(self.range.clone());
        self.next = self.range.start;
        self.mapped = self.range.start;
    }

    /// Bytes of the address space.
    pub fn size(&self) -> usize {
        self.range.len()
    }

    /// Limits the space, which is empty, to this many bytes.
    pub fn limit(&mut self, bytes: usize) {
        self.range.end = self.range.end.min(self.range.start + bytes);
    }

    pub fn start(&self) -> usize {
        self.range.start
    }

    pub fn start_pointer(&self) -> *mut u8 {
        ptr::with_exposed_provenance_mut(self.range.start)
    }

    pub fn next(&self) -> usize {
        self.next
    }

    /// End of what was taken.
    pub fn end(&self) -> usize {
        self.next
    }

    /// What was taken.
    pub fn range(&self) -> Range<usize> {
        self.range.start..self.next
    }

    pub fn used_range(&self) -> Range<usize> {
        self.range()
    }

    pub fn bytes(&self) -> usize {
        self.next - self.range.start
    }

    pub fn used(&self) -> usize {
        self.bytes()
    }

    /// Address space that is left.
    pub fn room(&self) -> usize {
        self.range.end - self.next
    }

    /// Makes sure that the next bytes can be taken; none if there is no memory or address space for them.
    pub fn prepare(&mut self, bytes: usize) -> Option<()> {
        let end = self.next + bytes;
        if end > self.mapped { self.extend(end) } else { Some(()) }
    }

    /// The next bytes; none if there is no memory or address space for them.
    #[inline]
    pub fn take(&mut self, bytes: usize) -> Option<usize> {
        let start = self.next;
        let end = start + bytes;
        if end > self.mapped {
            self.extend(end)?;
        }
        self.next = end;
        Some(start)
    }

    #[cold]
    fn extend(&mut self, end: usize) -> Option<()> {
        let end = end.max(self.mapped + STEP).next_multiple_of(GRANULE).min(self.range.end.max(end));
        if end > self.range.end {
            return None;
        }
        given(map::use_claimed(self.mapped, end - self.mapped))?;
        self.mapped = end;
        Some(())
    }

    /// Empties the space; gives back what isn't likely to be used soon, or `all`.
    ///
    /// # Safety
    /// Nothing refers to what is in it.
    pub unsafe fn release(&mut self, all: bool) {
        self.next = self.range.start;
        let kept = if all { self.range.start } else { self.mapped.min(self.range.start + KEPT) };
        // SAFETY: the mapping is ours; as the caller promises.
        unsafe { map::release_claimed(kept, self.mapped - kept) };
        self.mapped = kept;
    }
}

/// What the system gives at an address of ours; none if it has no more memory. Ends the program if something else is
/// there: that is no matter of how much it uses.
pub fn given<T>(result: sys::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(sys::Errno::EXIST) => {
            fail(
                b"something else is at the addresses of the program's objects (is it started by another loader, or under \
                  a tool such as valgrind?)",
            )
        }
        Err(_) => None,
    }
}
