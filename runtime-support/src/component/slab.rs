//! Tables without an allocator: values that stay where they are, in address space that is reserved at the first use and
//! made accessible piece by piece.

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

use super::reserved;

/// A table of values with stable addresses and numbers. Programs of components have one thread.
pub struct Slab<T> {
    slots: Slots,
    values: PhantomData<T>,
}

/// What doesn't depend on the type, so that programs have it once.
struct Slots {
    start: Cell<*mut u8>,
    /// How many slots have been in use.
    length: Cell<u32>,
    /// Bytes that are accessible.
    committed: Cell<usize>,
    /// The free slot, plus 1, that became free last; 0 if there is none.
    free: Cell<u32>,
}

/// A value, or in a free slot what [`Slots::free`] was.
#[repr(C)]
union Slot<T> {
    value: ManuallyDrop<T>,
    next: u32,
}

// SAFETY: there is one thread.
unsafe impl<T> Sync for Slab<T> {}

impl Slots {
    /// A slot in which nothing is; its number and address. Traps if there is no room. `bytes`: those of a slot.
    fn take(&self, bytes: usize) -> (u32, *mut u8) {
        match self.free.get().checked_sub(1) {
            Some(number) => {
                let slot = self.slot(number, bytes);
                // SAFETY: a free slot, which has a `next`.
                self.free.set(unsafe { slot.cast::<u32>().read() });
                (number, slot)
            }
            None => {
                let number = self.extend(bytes);
                (number, self.slot(number, bytes))
            }
        }
    }

    /// The number of a slot that has never been in use.
    #[cold]
    fn extend(&self, bytes: usize) -> u32 {
        let number = self.length.get();
        let end = (number as usize + 1) * bytes;
        if end > self.committed.get() {
            let part = reserved::extend(self.start.get(), self.committed.get(), bytes);
            self.start.set(part.start);
            self.committed.set(part.committed);
        }
        self.length.set(number + 1);
        number
    }

    fn slot(&self, number: u32, bytes: usize) -> *mut u8 {
        assert!(number < self.length.get());
        // SAFETY: it has been in use, so it is accessible.
        unsafe { self.start.get().add(number as usize * bytes) }
    }
}

impl<T> Slab<T> {
    pub const fn empty() -> Slab<T> {
        let slots = Slots {
            start: Cell::new(ptr::null_mut()),
            length: Cell::new(0),
            committed: Cell::new(0),
            free: Cell::new(0),
        };
        Slab { slots, values: PhantomData }
    }

    fn slot(&self, number: u32) -> *mut Slot<T> {
        self.slots.slot(number, size_of::<Slot<T>>()).cast()
    }

    /// Keeps a value; its number. Traps if there is no room.
    pub fn insert(&self, value: T) -> u32 {
        let (number, slot) = self.slots.take(size_of::<Slot<T>>());
        // SAFETY: nothing is in the slot.
        unsafe { slot.cast::<Slot<T>>().write(Slot { value: ManuallyDrop::new(value) }) };
        number
    }

    /// The value with this number, which the caller knows to be there: numbers are in handle tables only.
    pub fn get(&self, number: u32) -> &'static T {
        // SAFETY: `insert` put it there; nobody takes it as mutable.
        unsafe { &*ptr::from_ref(&(*self.slot(number)).value).cast() }
    }

    /// Forgets all values, without dropping them: nobody has their numbers any more.
    #[cfg(feature = "servers")]
    pub fn clear(&self) {
        self.slots.length.set(0);
        self.slots.free.set(0);
    }

    /// Takes a value out, which the caller knows to be there.
    pub fn remove(&self, number: u32) -> T {
        let slot = self.slot(number);
        // SAFETY: as in `get`; from now on the slot is free.
        unsafe {
            let value: MaybeUninit<T> = ptr::read(slot.cast());
            ptr::write(slot, Slot { next: self.slots.free.replace(number + 1) });
            value.assume_init()
        }
    }
}
