//! Tables without an allocator: values that stay where they are, in address space that is reserved at the first use and
//! made accessible piece by piece.

use core::cell::Cell;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;

use super::violation;
use crate::sys::map;

/// The largest number of values.
const CAPACITY: usize = 1 << 20;

/// A table of values with stable addresses and numbers. Programs of components have one thread.
pub struct Slab<T> {
    start: Cell<*mut Slot<T>>,
    /// How many slots have been in use.
    length: Cell<u32>,
    /// Bytes that are accessible.
    committed: Cell<usize>,
    /// The free slot, plus 1, that became free last; 0 if there is none.
    free: Cell<u32>,
}

/// A value, or in a free slot what [`Slab::free`] was.
union Slot<T> {
    value: ManuallyDrop<T>,
    next: u32,
}

// SAFETY: there is one thread.
unsafe impl<T> Sync for Slab<T> {}

impl<T> Slab<T> {
    pub const fn new() -> Slab<T> {
        Slab {
            start: Cell::new(ptr::null_mut()),
            length: Cell::new(0),
            committed: Cell::new(0),
            free: Cell::new(0),
        }
    }

    const BYTES: usize = (CAPACITY * size_of::<Slot<T>>()).next_multiple_of(Memory::GRANULE as usize);

    /// Keeps a value; its number. Traps if there is no room.
    pub fn insert(&self, value: T) -> u32 {
        let number = match self.free.get() {
            0 => self.extend(),
            free => {
                // SAFETY: a free slot, which has a `next`.
                self.free.set(unsafe { (*self.slot(free - 1)).next });
                free - 1
            }
        };
        // SAFETY: nothing is in the slot.
        unsafe { ptr::write(self.slot(number), Slot { value: ManuallyDrop::new(value) }) };
        number
    }

    /// The number of a slot that has never been in use.
    fn extend(&self) -> u32 {
        let number = self.length.get();
        let end = (number as usize + 1) * size_of::<Slot<T>>();
        if self.start.get().is_null() {
            match map::map(0, Self::BYTES, false) {
                Ok(start) => self.start.set(start.cast()),
                Err(_) => violation(Trap::TooManyHandles),
            }
        }
        if end > Self::BYTES {
            violation(Trap::TooManyHandles);
        }
        if end > self.committed.get() {
            let bytes = end.next_multiple_of(Memory::GRANULE as usize) - self.committed.get();
            // SAFETY: within what is reserved, and nothing is there yet.
            let result =
                unsafe { map::commit(self.start.get().byte_add(self.committed.get()).cast(), bytes) };
            if result.is_err() {
                violation(Trap::TooManyHandles);
            }
            self.committed.set(self.committed.get() + bytes);
        }
        self.length.set(number + 1);
        number
    }

    fn slot(&self, number: u32) -> *mut Slot<T> {
        assert!(number < self.length.get());
        // SAFETY: it has been in use, so it is accessible.
        unsafe { self.start.get().add(number as usize) }
    }

    /// The value with this number, which the caller knows to be there: numbers are in handle tables only.
    pub fn get(&self, number: u32) -> &'static T {
        // SAFETY: `insert` put it there; nobody takes it as mutable.
        unsafe { &*ptr::from_ref(&(*self.slot(number)).value).cast() }
    }

    /// Takes a value out, which the caller knows to be there.
    pub fn remove(&self, number: u32) -> T {
        let slot = self.slot(number);
        // SAFETY: as in `get`; from now on the slot is free.
        unsafe {
            let value: MaybeUninit<T> = ptr::read(slot.cast());
            ptr::write(slot, Slot { next: self.free.replace(number + 1) });
            value.assume_init()
        }
    }
}
