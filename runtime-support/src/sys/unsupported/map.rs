//! Address space.

use core::ops::Range;

use super::{Errno, Result};

pub fn map(_address: usize, _bytes: usize, _writable: bool) -> Result<*mut u8> {
    Err(Errno::NOSYS)
}

pub fn reserve_near(_hint: usize, _bytes: usize) -> Result<*mut u8> {
    Err(Errno::NOSYS)
}

pub fn reserve_aligned(_bytes: usize) -> Result<*mut u8> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The range is part of a reservation that the caller owns.
pub unsafe fn commit(_address: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno::NOSYS)
}

pub use commit as commit_across;

/// # Safety
/// `address` was mapped with `old_bytes`; if it moves, the old address is not used again.
pub unsafe fn grow(
    _address: *mut u8,
    _old_bytes: usize,
    _new_bytes: usize,
    _anonymous: bool,
) -> Result<*mut u8> {
    Err(Errno::NOSYS)
}

/// Nothing: core dumps don't have what is only reserved.
pub fn set_dumped(_address: *mut u8, _bytes: usize, _dumped: bool) {}

pub fn has_pages_of(_bytes: usize) -> bool {
    false
}

/// # Safety
/// Nothing refers to either range; both are owned by the caller and page-aligned.
pub unsafe fn move_pages(_from: *const u8, _to: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn claim(range: Range<usize>) -> Range<usize> {
    range.start..range.start
}

pub fn use_claimed(_address: usize, _bytes: usize) -> Result<()> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The pages are in use, and nothing refers to them.
pub unsafe fn release_claimed(_address: usize, _bytes: usize) {}
