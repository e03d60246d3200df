//! Resources. Each kind of the host's is a type, whose values are in a table of their own; their numbers there are the
//! representations in handle tables. Those that components define are what these make of the representations.

use wasm_aot_abi::component::{ComponentInstance, ResourceType};
use wasm_aot_abi::wasi2::ResourceKind;

use super::handle;
use super::slab::Slab;
use super::violation::check_may_leave;

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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_new(
    representation: u32,
    ty: *const ResourceType,
    instance: *mut ComponentInstance,
) -> u32 {
    // SAFETY: the compiler's structures; programs of components have one thread.
    let (ty, instance) = unsafe { (&*ty, &mut *instance) };
    check_may_leave(instance);
    handle::add_own(instance, ty.kind as u32, representation)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_rep(
    handle: u32,
    ty: *const ResourceType,
    instance: *mut ComponentInstance,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_resource_new`.
    let (ty, instance) = unsafe { (&*ty, &mut *instance) };
    handle::representation(instance, ty.kind as u32, handle)
}

/// Takes a handle away from the instance that drops it; the destructor, if there is one to be called, and what it is called
/// with.
pub fn take_dropped(
    handle: u32,
    ty: &ResourceType,
    instance: &mut ComponentInstance,
) -> Option<(extern "C" fn(u32), u32)> {
    check_may_leave(instance);
    ty.destructor.zip(handle::remove(instance, ty.kind as u32, handle))
}

/// The instance that defines the type may be in the middle of a call: as in wasmtime, that doesn't matter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_drop(
    handle: u32,
    ty: *const ResourceType,
    instance: *mut ComponentInstance,
) {
    // SAFETY: as in `wasm_aot_component_resource_new`; the references end before the destructor runs.
    let dropped = unsafe { take_dropped(handle, &*ty, &mut *instance) };
    if let Some((destructor, representation)) = dropped {
        destructor(representation);
    }
}
