//! Address space: reserving and committing pages.

use core::ptr;

use super::Result;
use super::api::{MEMORY_BASIC_INFORMATION, VirtualAlloc, VirtualFree, VirtualQuery};
use super::errno::EOPNOTSUPP;
use super::error::{Errno, last};

const MEM_COMMIT: u32 = 0x1000;
const MEM_RESERVE: u32 = 0x2000;
const MEM_RELEASE: u32 = 0x8000;
const PAGE_NOACCESS: u32 = 1;
const PAGE_READWRITE: u32 = 4;

/// Allocations start at multiples of this.
const GRANULARITY: usize = 64 << 10;

fn allocate(address: usize, bytes: usize, kind: u32, protection: u32) -> Result<*mut u8> {
    let address = ptr::with_exposed_provenance_mut(address);
    // SAFETY: changes nothing that is mapped: committing what is committed keeps it.
    let start = unsafe { VirtualAlloc(address, bytes, kind, protection) };
    if start.is_null() { Err(last()) } else { Ok(start.cast()) }
}

/// Maps `bytes` of zeroes (`writable`) or of inaccessible address space (not `writable`); at
/// `address`, where nothing may be yet, if it isn't 0.
pub fn map(address: usize, bytes: usize, writable: bool) -> Result<*mut u8> {
    if !address.is_multiple_of(GRANULARITY) {
        return Err(Errno(EOPNOTSUPP));
    }
    match writable {
        true => allocate(address, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
        false => allocate(address, bytes, MEM_RESERVE, PAGE_NOACCESS),
    }
}

/// Reserves address space, at `hint` if nothing is there yet.
pub fn reserve_near(hint: usize, bytes: usize) -> Result<*mut u8> {
    map(hint, bytes, false).or_else(|_| map(0, bytes, false))
}

/// Makes reserved pages readable and writable.
///
/// # Safety
/// The range is part of a reservation that the caller owns.
pub unsafe fn commit(address: *mut u8, bytes: usize) -> Result<()> {
    allocate(address.expose_provenance(), bytes, MEM_COMMIT, PAGE_READWRITE).map(drop)
}

/// The same in several reservations, one behind the other, as a memory has that was extended: the system refuses
/// them in one call.
///
/// # Safety
/// The range is part of reservations that the caller owns.
pub unsafe fn commit_across(address: *mut u8, bytes: usize) -> Result<()> {
    let end = address.expose_provenance() + bytes;
    let mut start = address.expose_provenance();
    while start < end {
        let part = rest_of_region(start)?.min(end - start);
        allocate(start, part, MEM_COMMIT, PAGE_READWRITE)?;
        start += part;
    }
    Ok(())
}

/// Bytes from an address on that are in one reservation, and alike.
fn rest_of_region(address: usize) -> Result<usize> {
    let mut region = core::mem::MaybeUninit::<MEMORY_BASIC_INFORMATION>::uninit();
    let pointer = ptr::with_exposed_provenance(address);
    // SAFETY: writes `region`.
    let written =
        unsafe { VirtualQuery(pointer, region.as_mut_ptr(), size_of::<MEMORY_BASIC_INFORMATION>()) };
    if written == 0 {
        return Err(last());
    }
    // SAFETY: just written.
    let region = unsafe { region.assume_init_ref() };
    Ok(region.BaseAddress.addr() + region.RegionSize - address)
}

/// Can pages of this size be moved?
pub fn has_pages_of(_bytes: usize) -> bool {
    false
}

/// Moves pages. This system can't: the caller copies.
///
/// # Safety
/// None.
pub unsafe fn move_pages(_from: *const u8, _to: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno(EOPNOTSUPP))
}

/// Grows a mapping, which moves.
///
/// # Safety
/// `address` was mapped with `old_bytes`; the old address is not used again.
pub unsafe fn grow(address: *mut u8, old_bytes: usize, new_bytes: usize) -> Result<*mut u8> {
    let larger = map(0, new_bytes, true)?;
    // SAFETY: as the caller promises; both have at least `old_bytes` bytes.
    unsafe {
        ptr::copy_nonoverlapping(address, larger, old_bytes);
        VirtualFree(address.cast(), 0, MEM_RELEASE);
    }
    Ok(larger)
}
