//! The handle table of a component instance (`CanonicalABI.md`, "Table State" and "Resource State"). Index 0 is never
//! given out; the index that became free last is used first, as the specification says.

use wasm_aot_abi::component::ComponentInstance;
use wasm_aot_abi::trap::Trap;

use super::{reserved, scope, violation};

/// An element of a handle table: 16 bytes.
#[derive(Clone, Copy)]
#[repr(C)]
struct Handle {
    /// The number of its resource type; 0 if the element is free.
    kind: u32,
    /// The representation of the resource; the next free index, if the element is free.
    representation: u32,
    /// For an own handle: how many borrow it in calls that haven't returned.
    lent: u32,
    /// 0 for an own handle; for a borrowed one, the number of the call that it was lent for.
    scope: u32,
}

fn entries(instance: &mut ComponentInstance) -> &mut [Handle] {
    if instance.length == 0 {
        return &mut [];
    }
    // SAFETY: `add` keeps `length` initialised elements there, which only this module reaches.
    unsafe { core::slice::from_raw_parts_mut(instance.handles.cast(), instance.length as usize) }
}

/// The element of a handle that must exist and have this type.
fn entry(instance: &mut ComponentInstance, kind: u32, handle: u32) -> &mut Handle {
    match entries(instance).get_mut(handle as usize) {
        Some(entry) if entry.kind == kind => entry,
        Some(entry) if entry.kind != 0 => violation(Trap::WrongHandleType),
        _ => violation(Trap::UnknownHandle),
    }
}

fn add(instance: &mut ComponentInstance, handle: Handle) -> u32 {
    let index = instance.free;
    if index != 0 {
        if let Some(entry) = entries(instance).get_mut(index as usize) {
            let next = entry.representation;
            *entry = handle;
            instance.free = next.into();
        }
        return index as u32;
    }
    let index = instance.length.max(1);
    if index >= instance.capacity {
        grow(instance);
    }
    instance.length = index + 1;
    if let Some(entry) = entries(instance).get_mut(index as usize) {
        *entry = handle;
    }
    index as u32
}

/// Adds to the capacity. New elements are zero: free.
fn grow(instance: &mut ComponentInstance) {
    let bytes = instance.capacity as usize * size_of::<Handle>();
    let part = reserved::extend(instance.handles, bytes, size_of::<Handle>());
    instance.handles = part.start;
    instance.capacity = (part.committed / size_of::<Handle>()) as u64;
}

/// Adds an own handle.
pub fn add_own(instance: &mut ComponentInstance, kind: u32, representation: u32) -> u32 {
    add(instance, Handle { kind, representation, lent: 0, scope: 0 })
}

/// The representation behind a handle, owned or borrowed.
pub fn representation(instance: &mut ComponentInstance, kind: u32, handle: u32) -> u32 {
    entry(instance, kind, handle).representation
}

/// The kind of a handle, and what it stands for.
pub fn find(instance: &mut ComponentInstance, handle: u32) -> (u32, u32) {
    match entries(instance).get_mut(handle as usize) {
        Some(entry) if entry.kind != 0 => (entry.kind, entry.representation),
        _ => violation(Trap::UnknownHandle),
    }
}

/// Adds a handle that is borrowed for the call with this number.
pub fn add_borrow(instance: &mut ComponentInstance, kind: u32, representation: u32, scope: u32) -> u32 {
    add(instance, Handle { kind, representation, lent: 0, scope })
}

/// What is known of a handle that is lent.
pub struct Lent {
    pub representation: u32,
    /// Whether the handle owns the resource: then it has to be given back.
    pub is_own: bool,
}

/// Lends a handle; an own one can't be dropped until it is given back.
pub fn lend(instance: &mut ComponentInstance, kind: u32, handle: u32) -> Lent {
    let entry = entry(instance, kind, handle);
    let is_own = entry.scope == 0;
    // It can't overflow: `scope` has no room for as many lenders.
    entry.lent += u32::from(is_own);
    Lent { representation: entry.representation, is_own }
}

/// Gives back an own handle that was lent.
pub fn give_back(instance: &mut ComponentInstance, handle: u32) {
    if let Some(entry) = entries(instance).get_mut(handle as usize) {
        entry.lent -= 1;
    }
}

/// Removes a handle that is dropped; the representation if it owned the resource.
pub fn remove(instance: &mut ComponentInstance, kind: u32, handle: u32) -> Option<u32> {
    let removed = take(instance, kind, handle);
    if removed.scope != 0 {
        scope::dropped(removed.scope);
        return None;
    }
    Some(removed.representation)
}

/// Removes a handle that is given away, which must own the resource; the representation.
pub fn take_own(instance: &mut ComponentInstance, kind: u32, handle: u32) -> u32 {
    let removed = take(instance, kind, handle);
    if removed.scope != 0 {
        violation(Trap::NotOwned);
    }
    removed.representation
}

/// Forgets what is borrowed, when the calls have been left for which it was: own handles remain, which can be dropped.
#[cfg(feature = "servers")]
pub fn release_borrows(instance: &mut ComponentInstance) {
    for entry in entries(instance) {
        entry.lent = 0;
        if entry.scope != 0 {
            *entry = Handle { kind: 0, representation: 0, lent: 0, scope: 0 };
        }
    }
}

/// The next own handle of this kind, from an index on, which becomes the one behind it.
#[cfg(feature = "servers")]
pub fn next_own(instance: &mut ComponentInstance, kind: u32, next: &mut usize) -> Option<u32> {
    let rest = entries(instance).get(*next..)?;
    let handle = *next + rest.iter().position(|entry| entry.kind == kind)?;
    *next = handle + 1;
    Some(handle as u32)
}

/// Makes the table empty, as it was at first; its memory stays.
#[cfg(feature = "servers")]
pub fn clear(instance: &mut ComponentInstance) {
    entries(instance).fill(Handle { kind: 0, representation: 0, lent: 0, scope: 0 });
    instance.length = 0;
    instance.free = 0;
}

/// Takes a handle out that nobody borrows.
fn take(instance: &mut ComponentInstance, kind: u32, handle: u32) -> Handle {
    let free = instance.free as u32;
    let entry = entry(instance, kind, handle);
    if entry.lent != 0 {
        violation(Trap::ResourceLent);
    }
    let removed = core::mem::replace(entry, Handle { kind: 0, representation: free, lent: 0, scope: 0 });
    instance.free = handle.into();
    removed
}
