//! Components: what compiled code passes to functions of the runtime, and what these keep for each component instance.
//! Names are those of the canonical ABI (component-model, `CanonicalABI.md`).

use core::mem::offset_of;

use crate::layout::Memory;
use crate::shared::shared;

shared! {
    /// The options of a `canon lower`, with which a core function was made of a host function: what the host must know
    /// of its caller. Constant.
    pub struct Canonical<P> {
        /// The caller's memory, or null.
        pub memory: P::Mut<Memory<P>>,
        /// Allocates in that memory: `cabi_realloc`, or null.
        pub realloc: Option<P::Code<extern "C" fn(old: u32, old_size: u32, align: u32, size: u32) -> u32>>,
        /// The component instance that calls.
        pub instance: P::Mut<ComponentInstance<P>>,
        /// How it encodes strings: [`Canonical::UTF8`], [`Canonical::UTF16`] or [`Canonical::LATIN1_UTF16`].
        pub encoding: u64,
    }

    /// A component instance. The compiler initialises it, the runtime changes it.
    pub struct ComponentInstance<P> {
        /// Whether it may call out (`may_leave`): 1 or 0, a core global of compiled code.
        pub may_leave: P::Mut<u32>,
        /// The handle table, see the runtime's `component::handle`: null and 0 at first.
        pub handles: P::Mut<u8>,
        pub capacity: u64,
        pub length: u64,
        /// The first free index, or 0.
        pub free: u64,
    }

    /// A kind of resource. Constant.
    pub struct ResourceType<P> {
        /// Called with the representation of one that is dropped, or null.
        pub destructor: Option<P::Code<extern "C" fn(representation: u32)>>,
        /// The component instance that defines it; null if that is the host.
        pub instance: P::Mut<ComponentInstance<P>>,
        /// Its number in handle tables.
        pub kind: u64,
    }

    /// The handles of one type in one component instance, as adapters tell them apart. Constant.
    pub struct ResourceTable<P> {
        /// The type. If the host defines it: one without an instance and a destructor, whose kind is that of the
        /// [`crate::wasi2::ResourceKind`]. Null if the table belongs to no instance, and nothing names it.
        pub ty: P::Const<ResourceType<P>>,
        /// The component instance.
        pub instance: P::Mut<ComponentInstance<P>>,
    }
}

/// The bit in the length of a `latin1+utf16` string which says that it is in UTF-16.
pub const UTF16_TAG: u32 = 1 << 31;

impl Canonical {
    pub const UTF8: u64 = 0;
    pub const UTF16: u64 = 1;
    pub const LATIN1_UTF16: u64 = 2;
}

impl ComponentInstance {
    pub const MAY_LEAVE: i32 = offset_of!(ComponentInstance, may_leave) as i32;
}
