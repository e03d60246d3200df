//! The one way in which host functions reach the guest's memory. A mistake here is a sandbox
//! escape. Every pointer and length of the guest is an untrusted `u32`; it is checked, in 64-bit
//! arithmetic, against the size that the memory has at the moment of the access, and only then
//! turned into an address. Guest memory is little-endian on every host, and nothing in it is
//! assumed to be aligned.
//!
//! The slices and pointers handed out are valid until the guest runs again: while a host function
//! runs nobody grows, moves or writes the memory but that host function.

use core::{ptr, slice};

use crate::program::program;

/// The guest gave a pointer, or a pointer and a length, that leads out of its memory.
#[derive(Clone, Copy, Debug)]
pub struct OutOfBounds;

pub type Result<T> = core::result::Result<T, OutOfBounds>;

/// The address of the guest's bytes `pointer..pointer + length`, all of which exist.
#[inline]
pub fn range(pointer: u32, length: u64) -> Result<*mut u8> {
    let memory = program().host_memory;
    if memory.is_null() {
        return Err(OutOfBounds);
    }
    // SAFETY: the compiler points `host_memory` at the structure of a memory, and start-up has set
    // `base`; both fields are read anew each time because `memory.grow` changes them.
    let (base, size) = unsafe { ((*memory).base, (*memory).size) };
    let end = u64::from(pointer).checked_add(length).ok_or(OutOfBounds)?;
    if end > size {
        return Err(OutOfBounds);
    }
    // SAFETY: `pointer` is within the `size` accessible bytes at `base`, or one past their end.
    Ok(unsafe { base.add(pointer as usize) })
}

/// The guest's bytes, for reading.
pub fn bytes<'a>(pointer: u32, length: u64) -> Result<&'a [u8]> {
    let start = range(pointer, length)?;
    // SAFETY: `range` has checked that the bytes exist; see above for how long they stay.
    Ok(unsafe { slice::from_raw_parts(start, length as usize) })
}

/// Reads `N` bytes.
#[inline]
pub fn read<const N: usize>(pointer: u32) -> Result<[u8; N]> {
    let start = range(pointer, N as u64)?;
    // SAFETY: `range` has checked that the `N` bytes exist; an array of bytes needs no alignment.
    Ok(unsafe { ptr::read(start.cast()) })
}

/// Writes `N` bytes.
#[inline]
pub fn write<const N: usize>(pointer: u32, value: [u8; N]) -> Result<()> {
    let start = range(pointer, N as u64)?;
    // SAFETY: as in `read`.
    unsafe { ptr::write(start.cast(), value) };
    Ok(())
}

/// Copies `source` to the guest. `source` is not in guest memory.
pub fn copy_to(pointer: u32, source: &[u8]) -> Result<()> {
    let start = range(pointer, source.len() as u64)?;
    // SAFETY: `range` has checked the destination; the caller promises that they don't overlap.
    unsafe { ptr::copy_nonoverlapping(source.as_ptr(), start, source.len()) };
    Ok(())
}

pub fn read_u32(pointer: u32) -> Result<u32> {
    read(pointer).map(u32::from_le_bytes)
}

pub fn write_u32(pointer: u32, value: u32) -> Result<()> {
    write(pointer, value.to_le_bytes())
}

pub fn write_u64(pointer: u32, value: u64) -> Result<()> {
    write(pointer, value.to_le_bytes())
}
