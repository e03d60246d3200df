//! Handles that adapters pass from one component instance to another.

use wasm_aot_abi::component::{ComponentInstance, ResourceTable, ResourceType};

use super::{handle, scope};

/// A resource table with this number.
///
/// # Safety
/// `tables` is the compiler's array, and a table of an instance has the number.
unsafe fn table(
    tables: *const ResourceTable,
    number: u32,
) -> (&'static ResourceType, *mut ComponentInstance) {
    // SAFETY: as the caller promises; the compiler's constant data.
    unsafe {
        let table = &*tables.add(number as usize);
        (&*table.ty, table.instance)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_transfer_own(
    handle: u32,
    source: u32,
    destination: u32,
    tables: *const ResourceTable,
) -> u32 {
    // SAFETY: adapters name tables of their components.
    let ((from_ty, from), (to_ty, to)) = unsafe { (table(tables, source), table(tables, destination)) };
    // SAFETY: the compiler's structures, one after the other; programs of components have one thread.
    unsafe {
        let representation = handle::take_own(&mut *from, from_ty.kind as u32, handle);
        handle::add_own(&mut *to, to_ty.kind as u32, representation)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_transfer_borrow(
    handle: u32,
    source: u32,
    destination: u32,
    tables: *const ResourceTable,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_resource_transfer_own`.
    let ((from_ty, from), (to_ty, to)) = unsafe { (table(tables, source), table(tables, destination)) };
    // SAFETY: as there.
    let lent = unsafe { handle::lend(&mut *from, from_ty.kind as u32, handle) };
    if lent.is_own {
        scope::lend(from, handle);
    }
    if to_ty.instance == to {
        return lent.representation;
    }
    // SAFETY: as there.
    unsafe { handle::add_borrow(&mut *to, to_ty.kind as u32, lent.representation, scope::borrow()) }
}
