//! Resources of the host. Each kind is a type, whose values are in a table of their own; their numbers there are the
//! representations in handle tables.

use wasm_aot_abi::wasi2::ResourceKind;

use super::slab::Slab;

/// A kind of resource of the host. What changes in one is in cells, since compiled code may hold any number of handles.
pub trait Resource: Sized + 'static {
    const KIND: ResourceKind;

    /// Where the resources of this kind are.
    fn table() -> &'static Slab<Self>;

    /// Keeps a new one; its representation.
    fn store(self) -> u32 {
        Self::table().insert(self)
    }

    /// The one with this representation.
    fn at(representation: u32) -> &'static Self {
        Self::table().get(representation)
    }

    /// Takes the one with this representation out of its table.
    fn remove(representation: u32) -> Self {
        Self::table().remove(representation)
    }
}
