//! Reading the entries of directories.

use core::mem::MaybeUninit;

use super::file::Fd;
use super::{Errno, Result};
use crate::sys::types::Entry;

/// Room for entries.
pub struct EntryBuffer(pub [MaybeUninit<u8>; 4096]);

pub fn seek_entries(_directory: Fd, _next: i64) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn read_entries(
    _directory: Fd,
    _next: i64,
    _buffer: &mut EntryBuffer,
) -> Result<impl Iterator<Item = Entry<'_>>> {
    Err::<core::iter::Empty<_>, _>(Errno::NOSYS)
}
