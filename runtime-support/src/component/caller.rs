//! What a host function knows of the component instance that calls it, and the only way in which it reaches the caller's
//! memory and handles. Whatever the caller passes is checked here, or in `memory::guest`, before it is used; what the
//! canonical ABI forbids is a trap.

use core::mem::MaybeUninit;
use core::ptr;

use wasm_aot_abi::component::{Canonical, ComponentInstance};
use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::resource::Resource;
use super::violation::check_may_leave;
use super::{handle, violation};
use crate::memory::guest;

/// The caller of a host function: the last parameter of each.
#[repr(transparent)]
pub struct Caller(Canonical);

/// Fields of a record, variant or tuple in the caller's memory, all of which exist: where a result goes.
pub struct Fields {
    start: *mut u8,
    bytes: u32,
}

impl Caller {
    /// The caller of a canonical built-in.
    ///
    /// # Safety
    /// It is the compiler's structure.
    pub unsafe fn of(options: *const Canonical) -> &'static Caller {
        // SAFETY: as the caller promises; a `Caller` is nothing else.
        unsafe { &*options.cast() }
    }

    /// To be called by each host function, first: traps while the caller may not call out, because it is allocating for
    /// the host.
    #[inline]
    pub fn check(&self) {
        // SAFETY: the compiler's structure; programs of components have one thread.
        check_may_leave(unsafe { &*self.0.instance });
    }

    /// The caller's bytes `pointer..pointer + length`, to be read or written by the kernel at once: they are valid until
    /// compiled code runs again. Inlined, so that a program has only the messages of the functions that it is linked with.
    #[inline(always)]
    pub fn range(&self, pointer: u32, length: u32, outside: Trap) -> *mut u8 {
        // SAFETY: the compiler's structure.
        match unsafe { guest::range_of(self.0.memory, pointer, length.into()) } {
            Some(start) => start,
            None => violation(outside),
        }
    }

    /// The bytes of a `list<u8>`.
    pub fn bytes(&self, pointer: u32, length: u32) -> *mut u8 {
        self.range(pointer, length, Trap::ListOutOfBounds)
    }

    /// Where a result of this size and alignment, both in bytes, goes: until compiled code runs again, as it does when it
    /// allocates.
    pub fn fields(&self, pointer: u32, bytes: u32, alignment: u32) -> Fields {
        if pointer & (alignment - 1) != 0 {
            violation(Trap::UnalignedPointer);
        }
        Fields { start: self.range(pointer, bytes, Trap::MemoryOutOfBounds), bytes }
    }

    /// The elements of a `list`, of this size and alignment each.
    pub fn elements(&self, pointer: u32, count: u32, bytes: u32, alignment: u32) -> Fields {
        if pointer & (alignment - 1) != 0 {
            violation(Trap::UnalignedPointer);
        }
        let Some(bytes) = count.checked_mul(bytes) else { violation(Trap::ListOutOfBounds) };
        Fields { start: self.range(pointer, bytes, Trap::ListOutOfBounds), bytes }
    }

    /// A `string`, as UTF-8, at the front of `buffer`; none if that is too small. Traps if it isn't valid.
    pub fn string<'b>(
        &self,
        pointer: u32,
        length: u32,
        buffer: &'b mut [MaybeUninit<u8>],
    ) -> Option<&'b [u8]> {
        super::string::read(self, self.0.encoding, pointer, length, buffer)
    }

    /// Memory for `bytes` bytes, from the caller's `realloc`.
    pub fn allocate(&self, bytes: u32, alignment: u32) -> u32 {
        let Some(realloc) = self.0.realloc else { violation(Trap::ReallocOutOfBounds) };
        // SAFETY: as in `check`. While it allocates, the caller may not call out.
        let pointer = unsafe {
            *(*self.0.instance).may_leave = 0;
            let pointer = realloc(0, 0, alignment, bytes);
            *(*self.0.instance).may_leave = 1;
            pointer
        };
        if pointer & (alignment - 1) != 0 {
            violation(Trap::UnalignedRealloc);
        }
        self.range(pointer, bytes, Trap::ReallocOutOfBounds);
        pointer
    }

    /// Gives the caller a `list<u8>`; its pointer and length.
    pub fn new_list(&self, bytes: &[u8]) -> (u32, u32) {
        (self.new_elements(bytes, 1), bytes.len() as u32)
    }

    /// Gives the caller the elements of a list, which have this alignment; their pointer.
    pub fn new_elements(&self, bytes: &[u8], alignment: u32) -> u32 {
        let length = bytes.len() as u32;
        let pointer = self.allocate(length, alignment);
        let start = self.range(pointer, length, Trap::ReallocOutOfBounds);
        // SAFETY: `range` has checked the destination; `bytes` is not in guest memory.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
        pointer
    }

    /// Gives the caller a `string`, in its encoding; its pointer and length. What isn't UTF-8 is replaced by U+FFFD.
    pub fn new_string(&self, text: &[u8]) -> (u32, u32) {
        super::string::write(self, self.0.encoding, text)
    }

    /// Gives the caller a list, or a string, as the result of a function: its pointer and length.
    pub fn return_list(&self, result: u32, (pointer, length): (u32, u32)) {
        let fields = self.fields(result, 8, 4);
        fields.u32(0, pointer);
        fields.u32(4, length);
    }

    /// Gives the caller an own handle of a new resource.
    pub fn own<R: Resource>(&self, resource: R) -> u32 {
        self.own_representation(R::KIND, resource.store())
    }

    /// The same, of a resource that is kept elsewhere, if at all.
    pub fn own_representation(&self, kind: ResourceKind, representation: u32) -> u32 {
        self.add_handle(kind as u32, representation)
    }

    /// Gives the caller a handle of this kind.
    pub fn add_handle(&self, kind: u32, representation: u32) -> u32 {
        // SAFETY: the compiler's structure; programs of components have one thread.
        handle::add_own(unsafe { &mut *self.0.instance }, kind, representation)
    }

    /// The resource behind a handle that the caller passes as a `borrow`.
    pub fn borrow<R: Resource>(&self, handle: u32) -> &'static R {
        R::at(self.representation::<R>(handle))
    }

    /// The representation of a resource that the caller has a handle of.
    pub fn representation<R: Resource>(&self, handle: u32) -> u32 {
        self.representation_of(R::KIND as u32, handle)
    }

    /// What a handle of this kind stands for that the caller has.
    pub fn representation_of(&self, kind: u32, handle: u32) -> u32 {
        // SAFETY: as in `add_handle`.
        handle::representation(unsafe { &mut *self.0.instance }, kind, handle)
    }

    /// The representation of a resource that the caller gives away or drops. If `None`, it only drops a borrow.
    pub fn take<R: Resource>(&self, handle: u32) -> Option<u32> {
        self.take_representation(R::KIND, handle)
    }

    /// The instance that calls.
    pub fn instance(&self) -> *mut ComponentInstance {
        self.0.instance
    }

    /// The same, of a resource that is kept elsewhere, if at all.
    pub fn take_representation(&self, kind: ResourceKind, handle: u32) -> Option<u32> {
        // SAFETY: as in `add_handle`.
        handle::remove(unsafe { &mut *self.0.instance }, kind as u32, handle)
    }
}

impl Fields {
    /// The address of a field. Fields outside of what was checked are a defect of ours.
    fn at(&self, offset: u32, bytes: u32) -> *mut u8 {
        assert!(offset.checked_add(bytes).is_some_and(|end| end <= self.bytes));
        // SAFETY: within the checked range.
        unsafe { self.start.add(offset as usize) }
    }
}

/// Defines how fields of a number type are read and written, little-endian.
macro_rules! numbers {
    ($($number:ident, $get:ident;)*) => {
        impl Fields {
            $(
                pub fn $number(&self, offset: u32, value: $number) {
                    let at = self.at(offset, size_of::<$number>() as u32);
                    // SAFETY: `at` has checked that the bytes exist; an array of bytes needs no alignment.
                    unsafe { ptr::write(at.cast(), value.to_le_bytes()) };
                }

                pub fn $get(&self, offset: u32) -> $number {
                    let at = self.at(offset, size_of::<$number>() as u32);
                    // SAFETY: as above. Programs of components have one thread.
                    $number::from_le_bytes(unsafe { ptr::read(at.cast()) })
                }
            )*
        }
    };
}

numbers! {
    u8, get_u8;
    u16, get_u16;
    u32, get_u32;
    u64, get_u64;
}
