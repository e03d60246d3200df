//! Address space: reserving and committing pages.

use core::ptr;

use libc::{MAP_ANON, MAP_FAILED, MAP_NORESERVE, MAP_PRIVATE, PROT_NONE, PROT_READ, PROT_WRITE};

use super::error::{check, last};
use super::{Errno, Result};

/// Maps pages, at `hint` if nothing is there yet.
fn map_pages(hint: usize, bytes: usize, writable: bool) -> Result<*mut u8> {
    let protection = if writable { PROT_READ | PROT_WRITE } else { PROT_NONE };
    let hint = ptr::with_exposed_provenance_mut(hint);
    // SAFETY: without MAP_FIXED no existing mapping is touched.
    let mapped =
        unsafe { libc::mmap(hint, bytes, protection, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0) };
    if mapped == MAP_FAILED { Err(last()) } else { Ok(mapped.cast()) }
}

/// Maps `bytes` of zeroes (`writable`) or of inaccessible address space (not `writable`); at
/// `address`, where nothing may be yet, if it isn't 0.
pub fn map(address: usize, bytes: usize, writable: bool) -> Result<*mut u8> {
    let mapped = map_pages(address, bytes, writable)?;
    if address != 0 && mapped.addr() != address {
        // SAFETY: unmaps what was just mapped.
        unsafe { libc::munmap(mapped.cast(), bytes) };
        return Err(Errno::EXIST);
    }
    Ok(mapped)
}

/// Reserves address space, at `hint` if nothing is there yet.
pub fn reserve_near(hint: usize, bytes: usize) -> Result<*mut u8> {
    map_pages(hint, bytes, false)
}

/// Reserves address space at a multiple of its size, which is a power of two and at least a page.
pub fn reserve_aligned(bytes: usize) -> Result<*mut u8> {
    let start = map(0, 2 * bytes, false)?;
    let before = start.addr().next_multiple_of(bytes) - start.addr();
    // SAFETY: only what was just mapped is unmapped.
    unsafe {
        let aligned = start.add(before);
        for (rest, length) in [(start, before), (aligned.add(bytes), bytes - before)] {
            if length != 0 {
                libc::munmap(rest.cast(), length);
            }
        }
        Ok(aligned)
    }
}

/// Makes reserved pages readable and writable.
///
/// # Safety
/// The range is part of a reservation that the caller owns.
pub unsafe fn commit(address: *mut u8, bytes: usize) -> Result<()> {
    // SAFETY: as the caller promises.
    check(unsafe { libc::mprotect(address.cast(), bytes, PROT_READ | PROT_WRITE) }).map(drop)
}

pub use commit as commit_across;

/// Nothing: core dumps don't have what is only reserved.
pub fn set_dumped(_address: *mut u8, _bytes: usize, _dumped: bool) {}

/// Whether pages have this size and can be moved.
pub fn has_pages_of(_bytes: usize) -> bool {
    false
}

/// Moves pages. Here memory images are copied instead.
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
    if map(address.expose_provenance() + old_bytes, new_bytes - old_bytes, true).is_ok() {
        return Ok(address);
    }
    let larger = map(0, new_bytes, true)?;
    // SAFETY: as the caller promises; both have at least `old_bytes` bytes.
    unsafe {
        ptr::copy_nonoverlapping(address, larger, old_bytes);
        libc::munmap(address.cast(), old_bytes);
    }
    Ok(larger)
}

/// Unmaps what is mapped there.
///
/// # Safety
/// All of it is the caller's, and nothing refers to it.
#[cfg(feature = "libraries")]
pub unsafe fn unmap(address: *mut u8, bytes: usize) {
    // SAFETY: as the caller promises.
    unsafe { libc::munmap(address.cast(), bytes) };
}
