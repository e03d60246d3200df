//! Pages that many memories begin with. Here each memory gets a copy.

use super::file::Fd;
use super::{Errno, Result};

/// Pages of zeroes, to be filled and then mapped any number of times.
pub fn make(_bytes: usize) -> Result<Fd> {
    Err(Errno::NOTSUP)
}

/// Writes `length` bytes of them.
///
/// # Safety
/// None.
pub unsafe fn fill(_image: Fd, _offset: u64, _bytes: *const u8, _length: usize) -> Result<()> {
    Err(Errno::NOTSUP)
}

/// Maps the pages, replacing what is at the address.
///
/// # Safety
/// None.
pub unsafe fn map(_image: Fd, _address: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno::NOTSUP)
}

/// Makes pages of a private mapping what they were before anybody wrote to them.
///
/// # Safety
/// None.
pub unsafe fn restore(_address: *mut u8, _bytes: usize) -> Result<()> {
    Err(Errno::NOTSUP)
}
