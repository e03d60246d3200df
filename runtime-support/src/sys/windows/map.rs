//! Address space: reserving and committing pages.

use core::ops::Range;
use core::ptr;

use super::api::{MEMORY_BASIC_INFORMATION, VirtualAlloc, VirtualFree, VirtualQuery};
use super::error::last;
use super::{Errno, Result};

const MEM_COMMIT: u32 = 0x1000;
const MEM_RESERVE: u32 = 0x2000;
const MEM_DECOMMIT: u32 = 0x4000;
const MEM_RELEASE: u32 = 0x8000;
const MEM_FREE: u32 = 0x1_0000;
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
        return Err(Errno::NOTSUP);
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

/// Reserves address space at a multiple of its size, which is a power of two and at least a page.
pub fn reserve_aligned(bytes: usize) -> Result<*mut u8> {
    // The system doesn't give a part of a reservation back. So it is made twice, and again if another thread was
    // faster.
    for _ in 0..100 {
        let start = map(0, 2 * bytes, false)?;
        // SAFETY: just reserved, and nobody knows it.
        unsafe { VirtualFree(start.cast(), 0, MEM_RELEASE) };
        let aligned = map(start.addr().next_multiple_of(bytes), bytes, false);
        if aligned.is_ok() {
            return aligned;
        }
    }
    Err(Errno::NOMEM)
}

/// Reserves the largest contiguous part of a range of addresses that is available, and returns it.
pub fn claim(range: Range<usize>) -> Range<usize> {
    let (mut largest, mut at) = (range.start..range.start, range.start);
    while at < range.end {
        let Ok(region) = region(at) else { break };
        let end = at + rest(&region, at);
        if region.State == MEM_FREE {
            let end = end.min(range.end) & !(GRANULARITY - 1);
            largest = keep_larger(largest, claim_free(at.next_multiple_of(GRANULARITY)..end));
        }
        at = end;
    }
    largest
}

/// The same for a range that is free; or not quite: Wine doesn't know what the system below it has there.
fn claim_free(range: Range<usize>) -> Range<usize> {
    const LEAST: usize = 1 << 20;
    if range.len() < LEAST {
        return range.start..range.start;
    }
    if map(range.start, range.len(), false).is_ok() {
        return range;
    }
    let middle = (range.start + range.len() / 2).next_multiple_of(GRANULARITY);
    keep_larger(claim_free(range.start..middle), claim_free(middle..range.end))
}

/// The larger of two reservations, and the other one is given back.
fn keep_larger(one: Range<usize>, other: Range<usize>) -> Range<usize> {
    let (larger, smaller) = if one.len() < other.len() { (other, one) } else { (one, other) };
    if !smaller.is_empty() {
        // SAFETY: a reservation that nobody uses.
        unsafe { VirtualFree(ptr::with_exposed_provenance_mut(smaller.start), 0, MEM_RELEASE) };
    }
    larger
}

/// Makes pages readable and writable that were claimed and not used, or released.
pub fn use_claimed(address: usize, bytes: usize) -> Result<()> {
    allocate(address, bytes, MEM_COMMIT, PAGE_READWRITE).map(drop)
}

/// Gives the contents of claimed pages back.
///
/// # Safety
/// They are in use, and nothing refers to them.
pub unsafe fn release_claimed(address: usize, bytes: usize) {
    // No bytes would be all of the reservation.
    if bytes != 0 {
        // SAFETY: as the caller promises.
        unsafe { VirtualFree(ptr::with_exposed_provenance_mut(address), bytes, MEM_DECOMMIT) };
    }
}

/// Makes reserved pages readable and writable.
///
/// # Safety
/// The range is part of a reservation that the caller owns.
pub unsafe fn commit(address: *mut u8, bytes: usize) -> Result<()> {
    allocate(address.expose_provenance(), bytes, MEM_COMMIT, PAGE_READWRITE).map(drop)
}

/// Makes pages of several adjacent reservations readable and writable, as a memory has that was extended: the system
/// refuses them in one call. Either all of it is committed or nothing, so that what isn't stays a guard.
///
/// # Safety
/// The range is part of reservations that the caller owns.
pub unsafe fn commit_across(address: *mut u8, bytes: usize) -> Result<()> {
    let first = address.expose_provenance();
    let end = first + bytes;
    let mut start = first;
    while start < end {
        let committed = region(start).and_then(|region| {
            let part = rest(&region, start).min(end - start);
            allocate(start, part, MEM_COMMIT, PAGE_READWRITE).map(|_| part)
        });
        match committed {
            Ok(part) => start += part,
            Err(error) => {
                // SAFETY: as the caller promises; nobody has used it yet.
                unsafe { decommit(first, start) };
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Undoes `commit_across`, up to where it came.
///
/// # Safety
/// The range is part of reservations that the caller owns, and nothing refers to it.
#[cold]
unsafe fn decommit(mut start: usize, end: usize) {
    while start < end {
        let Ok(region) = region(start) else { break };
        let part = rest(&region, start).min(end - start);
        // SAFETY: as the caller promises.
        unsafe { release_claimed(start, part) };
        start += part;
    }
}

/// The pages around an address that are in one reservation, or in none, and alike.
fn region(address: usize) -> Result<MEMORY_BASIC_INFORMATION> {
    let mut region = core::mem::MaybeUninit::<MEMORY_BASIC_INFORMATION>::uninit();
    let pointer = ptr::with_exposed_provenance(address);
    // SAFETY: writes `region`.
    let written =
        unsafe { VirtualQuery(pointer, region.as_mut_ptr(), size_of::<MEMORY_BASIC_INFORMATION>()) };
    if written == 0 {
        return Err(last());
    }
    // SAFETY: just written.
    Ok(unsafe { region.assume_init() })
}

/// Bytes of a region from an address in it on.
fn rest(region: &MEMORY_BASIC_INFORMATION, address: usize) -> usize {
    region.BaseAddress.addr() + region.RegionSize - address
}

/// Nothing: core dumps don't have what is only reserved.
pub fn set_dumped(_address: *mut u8, _bytes: usize, _dumped: bool) {}

/// Whether pages have this size and can be moved.
pub fn has_pages_of(_bytes: usize) -> bool {
    false
}

/// Moves pages. This system can't: the caller copies.
///
/// # Safety
/// None.
pub unsafe fn move_pages(_from: *const u8, _to: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno::NOTSUP)
}

/// Grows a mapping by zeroes: where it is, if nothing is behind it, else it is copied.
///
/// # Safety
/// `address` was mapped with `old_bytes`; if it moves, the old address is not used again.
pub unsafe fn grow(
    address: *mut u8,
    old_bytes: usize,
    new_bytes: usize,
    _anonymous: bool,
) -> Result<*mut u8> {
    let (start, end) = (address.expose_provenance(), address.expose_provenance() + old_bytes);
    if map(end, new_bytes - old_bytes, true).is_ok() {
        return Ok(address);
    }
    let larger = map(0, new_bytes, true)?;
    // SAFETY: as the caller promises; both have at least `old_bytes` bytes.
    unsafe { ptr::copy_nonoverlapping(address, larger, old_bytes) };
    // Each time that it grew where it was, a reservation was added. All of each is committed and alike.
    let mut next = start;
    while next < end {
        let Ok(reservation) = region(next) else { break };
        // SAFETY: it begins in what was mapped, and nobody uses that any more.
        unsafe { VirtualFree(reservation.BaseAddress, 0, MEM_RELEASE) };
        next += rest(&reservation, next);
    }
    Ok(larger)
}

/// Gives back all reservations in a range.
///
/// # Safety
/// All of it is the caller's, and nothing refers to it.
#[cfg(feature = "libraries")]
pub unsafe fn unmap(address: *mut u8, bytes: usize) {
    let (mut at, end) = (address.addr(), address.addr() + bytes);
    while at < end {
        let start = at;
        // Parts that are committed and parts that aren't belong to one reservation.
        while at < end
            && let Ok(part) = region(at)
            && part.AllocationBase.addr() == start
        {
            at += rest(&part, at);
        }
        if at == start {
            break;
        }
        // SAFETY: as the caller promises.
        unsafe { VirtualFree(ptr::with_exposed_provenance_mut(start), 0, MEM_RELEASE) };
    }
}
