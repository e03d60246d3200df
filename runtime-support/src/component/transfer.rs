//! Handles that adapters pass from one component instance to another.

use wasm_aot_abi::component::{ComponentInstance, ResourceTable, ResourceType};

use super::{handle, scope};

/// The resource table with this number.
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

/// Moves an own handle from one table to another; the new handle.
///
/// # Safety
/// `tables` is the compiler's array, and tables of instances have these numbers.
pub unsafe fn own(handle: u32, source: u32, destination: u32, tables: *const ResourceTable) -> u32 {
    // SAFETY: as the caller promises; the instances are the compiler's, one after the other, and programs of components
    // have one thread.
    unsafe {
        let ((from_ty, from), (to_ty, to)) = (table(tables, source), table(tables, destination));
        let representation = handle::take_own(&mut *from, from_ty.kind as u32, handle);
        handle::add_own(&mut *to, to_ty.kind as u32, representation)
    }
}

/// Lends a handle of one table to another; the new handle, or the representation for who defines the type.
///
/// # Safety
/// As for [`own`].
pub unsafe fn borrow(handle: u32, source: u32, destination: u32, tables: *const ResourceTable) -> u32 {
    // SAFETY: as in `own`.
    unsafe {
        let ((from_ty, from), (to_ty, to)) = (table(tables, source), table(tables, destination));
        let lent = handle::lend(&mut *from, from_ty.kind as u32, handle);
        if lent.is_own {
            scope::lend(from, handle);
        }
        if to_ty.instance == to {
            return lent.representation;
        }
        handle::add_borrow(&mut *to, to_ty.kind as u32, lent.representation, scope::borrow())
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
    unsafe { own(handle, source, destination, tables) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_resource_transfer_borrow(
    handle: u32,
    source: u32,
    destination: u32,
    tables: *const ResourceTable,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_resource_transfer_own`.
    unsafe { borrow(handle, source, destination, tables) }
}
