//! The garbage-collected heap: what compiled code and the collector must agree on.
//!
//! A reference of the hierarchies of `any`, `extern` and `exn` is a word whose upper 32 bits are 0. In an object
//! only the lower 32 bits are stored.
//!
//! ```text
//! 0                    null
//! ...1                 an i31: its value in the upper 31 bits
//! ..10                 a reference of the host, see `host_reference`
//! .000                 the address of an object
//! ```
//!
//! An object starts with a header of 32 bits: the number of its type, above `TYPE_SHIFT` bits that compiled code
//! leaves at 0. The number of elements of an array follows; then its elements, at `ARRAY_ELEMENTS`. The fields of
//! a structure follow its header. An exception is an object, too, in a program that has this heap:
//! [`crate::exception::Exception`].
//!
//! Null, with the offset of a field, is an address below `HEAP_START`, where nothing is ever mapped.

use core::mem::offset_of;

use crate::shared::shared;

/// Bytes of the header.
pub const HEADER_BYTES: u32 = 4;
pub const TYPE_SHIFT: u32 = 1;
/// Set in the header of an object that has been moved; the rest of it is the new address then.
pub const MOVED: u32 = 1;
/// The addresses and sizes of objects are multiples of this.
pub const ALIGNMENT: u32 = 8;
/// Offset of the number of elements in an array.
pub const ARRAY_LENGTH: i32 = 4;
pub const ARRAY_ELEMENTS: i32 = 8;

/// Address space of objects. In a program that has them, linear memory is above it.
pub const HEAP_START: u64 = 0x1000_0000;
pub const HEAP_END: u64 = 0x1_0000_0000;
/// The card of an object is the byte at `CARDS` + (its address >> `CARD_SHIFT`). Code that stores a reference into
/// an object sets it to a value that isn't 0.
pub const CARDS: u64 = 0x0800_0000;
pub const CARD_SHIFT: u32 = 9;
/// The constant base of a linear memory in a program that has objects: above them, and aligned as usual.
pub const MEMORY_BASE: u64 = HEAP_END;

/// The reference that stands for a host value. Only the tests have host values.
pub const fn host_reference(value: u32) -> u64 {
    ((value << 2) | 2) as u64
}

shared! {
    /// Where objects are allocated: from `next` up, as long as they end at or before `end`. Compiled code and the
    /// collector change `next`.
    pub struct Allocation {
        pub next: u64,
        pub end: u64,
    }
}

impl Allocation {
    pub const NEXT: i32 = offset_of!(Allocation, next) as i32;
    pub const END: i32 = offset_of!(Allocation, end) as i32;
}

shared! {
    /// What the collector knows about a type of objects.
    #[derive(Clone, Copy)]
    pub struct TypeInfo {
        /// Size in bytes of a structure, or of an element of an array.
        pub bytes: u32,
        /// Index in `Heap::references` of the `reference_count` offsets of a structure's references. For an array see
        /// below.
        pub first_reference: u32,
        pub reference_count: u32,
    }
}

impl TypeInfo {
    /// The value of `first_reference` that marks an array. `reference_count` is 1 if its elements are references,
    /// else 0.
    pub const ARRAY: u32 = u32::MAX;
}

shared! {
    /// A place in the code where references may be on the stack: after a call.
    #[derive(Clone, Copy)]
    pub struct StackMap {
        /// Offset of the return address from `ProgramInfo::text_start`.
        pub return_offset: u32,
        /// Index in `Heap::stack_references` of its first reference; its references end at the first one of the next
        /// stack map. Each is a distance: a 64-bit reference lies that many bytes below the frame pointer.
        pub first_reference: u32,
    }

    /// Words that can be references.
    pub struct Roots<P> {
        pub start: P::Mut<u64>,
        pub count: u64,
    }

    /// Everything that the collector knows about the program; it has the symbol [`crate::symbols::GC_HEAP`].
    pub struct Heap<P> {
        pub allocation: P::Mut<Allocation>,
        pub types: P::Const<TypeInfo>,
        pub type_count: u64,
        pub references: P::Const<u32>,
        /// `stack_map_count` stack maps, and one more, whose `first_reference` is the total number of
        /// references.
        pub stack_maps: P::Const<StackMap>,
        pub stack_map_count: u64,
        pub stack_references: P::Const<u32>,
        /// Arrays of words that are all references or null. A `layout::Table` starts like `Roots`.
        pub roots: P::Const<P::Const<Roots<P>>>,
        pub root_count: u64,
        /// Globals that are references: `global_count` offsets, in bytes, relative to `globals`.
        pub globals: P::Mut<u8>,
        pub global_offsets: P::Const<u32>,
        pub global_count: u64,
        /// The maximum size of the heap in bytes.
        pub maximum: u64,
        /// If not 0, a collection happens at every allocation.
        pub stress: u64,
        /// Checks the heap around each collection: `symbols::GC_VERIFY`, or null. It takes the collector's own state.
        pub verify: Option<P::Code<unsafe extern "C" fn(collector: *mut u8, before: u32)>>,
        /// Reports collections: `symbols::GC_TRACE`, or null.
        pub trace: Option<P::Code<extern "C" fn(&Report)>>,
    }

    /// A finished collection.
    pub struct Report {
        /// 0 if only new objects were examined.
        pub all: u64,
        /// One of the constants below.
        pub reason: u64,
        pub bytes_before: u64,
        pub bytes_after: u64,
        pub nanoseconds: u64,
    }
}

impl Report {
    /// There was no room for a new object.
    pub const NEW: u64 = 0;
    /// There was no room, and the old objects have grown too much.
    pub const OLD: u64 = 1;
    /// A large object would make the old objects grow too much.
    pub const LARGE: u64 = 2;
    /// The old objects would exceed `Heap::maximum`, the address space or the system's memory.
    pub const LIMIT: u64 = 3;
    pub const STRESS: u64 = 4;
}

/// The maximum size of the heap if the build doesn't set one.
pub const DEFAULT_MAXIMUM: u64 = HEAP_END - HEAP_START;
