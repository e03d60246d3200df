//! Reading the entries of directories.

use core::mem::MaybeUninit;

use linux_raw_sys::general::{__NR_getdents64, DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK};

use super::file::{Fd, FileKind, Whence, retry, seek};
use super::{Result, syscall3};
use crate::sys::c_str;
use crate::sys::types::Entry;

/// A buffer for [`read_entries`], aligned as the kernel's `struct linux_dirent64`.
#[repr(C, align(8))]
pub struct EntryBuffer(pub [MaybeUninit<u8>; 4096]);

/// Goes to the entry behind the one that had this `next`; 0 is the first.
pub fn seek_entries(directory: Fd, next: i64) -> Result<()> {
    seek(directory, next, Whence::Start).map(drop)
}

/// Reads as many entries as fit from the directory's position on; none at the end.
/// Other systems need the `next` of the first one.
pub fn read_entries(directory: Fd, _next: i64, buffer: &mut EntryBuffer) -> Result<Entries<'_>> {
    let (pointer, size) = (buffer.0.as_mut_ptr(), buffer.0.len());
    // SAFETY: the kernel writes at most `size` bytes.
    let length = retry(|| unsafe { syscall3(__NR_getdents64, directory as usize, pointer as usize, size) })?;
    // SAFETY: the kernel has initialised `length` bytes.
    Ok(Entries { rest: unsafe { core::slice::from_raw_parts(pointer.cast(), length) } })
}

/// The entries that the kernel has written: inode (8 bytes), offset of the next one (8), length
/// of the record (2), type (1), name, terminated and padded.
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (inode, rest) = self.rest.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (kind, _) = rest.split_first()?;
        let record = self.rest.get(..usize::from(u16::from_ne_bytes(*length)))?;
        self.rest = self.rest.get(record.len()..)?;
        Some(Entry {
            inode: u64::from_ne_bytes(*inode),
            next: i64::from_ne_bytes(*next),
            kind: match u32::from(*kind) {
                DT_REG => Some(FileKind::Regular),
                DT_DIR => Some(FileKind::Directory),
                DT_LNK => Some(FileKind::SymbolicLink),
                DT_BLK => Some(FileKind::BlockDevice),
                DT_CHR => Some(FileKind::CharacterDevice),
                DT_FIFO | DT_SOCK => Some(FileKind::Other),
                _ => None,
            },
            name: c_str::find(record.get(19..)?)?,
        })
    }
}
