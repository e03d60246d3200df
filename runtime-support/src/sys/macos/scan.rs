//! Reading the entries of directories, by `readdir`.
//!
//! Its position can't be moved between descriptors, nor be expressed as a number that stays valid; so the
//! directories that are being read are kept open here, known by what they are and not by their descriptors: whoever
//! goes on where the last call stopped gets every entry once, however many were removed meanwhile. Others start
//! again and count.

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;

use libc::{DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK};

use super::dir;
use super::error::last;
use super::file::{self, Fd, FileKind};
use super::{Errno, OpenFlags, Result};
use crate::sys::lock::Lock;
use crate::sys::types::Entry;

/// Room for a name.
pub struct EntryBuffer(pub [MaybeUninit<u8>; 4096]);

/// How many directories are kept.
const SCANS: usize = 16;

/// A directory that is being read; none if `stream` is null.
struct Scan {
    stream: *mut libc::DIR,
    device: u64,
    inode: u64,
    /// How many entries came before the one that is next.
    index: i64,
    /// The entry that was read last, in the stream's memory; null if there is none.
    last: *const libc::dirent,
    /// It is the one that is next, once more.
    again: bool,
    /// When it was used last.
    used: u64,
}

static mut LIST: [Scan; SCANS] = [const { Scan::NONE }; SCANS];
static mut CLOCK: u64 = 0;
/// Held by whoever uses them.
static LOCK: Lock = Lock::new();

/// The scan of a directory, perhaps a new one. The caller holds the lock while it uses it.
fn scan(directory: Fd) -> Result<&'static mut Scan> {
    let stat = file::stat(directory)?;
    let list = &raw mut LIST;
    // SAFETY: the lock is held, and callers let go of the reference before they give it back.
    let (list, now) = unsafe {
        CLOCK += 1;
        (&mut *list, CLOCK)
    };
    let is_it =
        |scan: &Scan| !scan.stream.is_null() && (scan.device, scan.inode) == (stat.device, stat.inode);
    let oldest = || list.iter().enumerate().min_by_key(|(_, scan)| scan.used).map_or(0, |(index, _)| index);
    let index = list.iter().position(is_it).unwrap_or_else(oldest);
    let scan = &mut list[index % SCANS];
    if !is_it(scan) {
        scan.close();
        scan.open(directory)?;
        (scan.device, scan.inode) = (stat.device, stat.inode);
    }
    scan.used = now;
    Ok(scan)
}

impl Scan {
    const NONE: Scan = Scan {
        stream: ptr::null_mut(),
        device: 0,
        inode: 0,
        index: 0,
        last: ptr::null(),
        again: false,
        used: 0,
    };

    fn open(&mut self, directory: Fd) -> Result<()> {
        let own = dir::open(directory, c".", OpenFlags::READ_ONLY | OpenFlags::DIRECTORY)?;
        // SAFETY: the stream owns the descriptor from now on.
        self.stream = unsafe { libc::fdopendir(own) };
        if self.stream.is_null() {
            let error = last();
            file::close(own);
            return Err(error);
        }
        Ok(())
    }

    fn close(&mut self) {
        if !self.stream.is_null() {
            // SAFETY: it is open, and forgotten at once.
            unsafe { libc::closedir(self.stream) };
            *self = Scan::NONE;
        }
    }

    fn rewind(&mut self) {
        // SAFETY: the stream is open.
        unsafe { libc::rewinddir(self.stream) };
        (self.index, self.last, self.again) = (0, ptr::null(), false);
    }

    /// Goes to the entry with this index. If there are fewer by now, to the end.
    fn seek(&mut self, index: i64) -> Result<()> {
        if index == self.index - 1 && !self.last.is_null() && !self.again {
            // There was no room for it.
            (self.index, self.again) = (index, true);
        } else if index < self.index {
            self.rewind();
        }
        while self.index < index && self.next()?.is_some() {}
        Ok(())
    }

    /// The entry that is next, in the stream's memory; none at the end.
    fn next(&mut self) -> Result<Option<&'static libc::dirent>> {
        // SAFETY: `scan` has opened the stream. The entry is valid until the stream is used again, which callers await.
        let entry = unsafe {
            if !core::mem::take(&mut self.again) {
                *libc::__error() = 0;
                self.last = libc::readdir(self.stream);
            }
            self.last.as_ref()
        };
        if entry.is_some() {
            self.index += 1;
            return Ok(entry);
        }
        match last() {
            Errno(0) => Ok(None),
            error => Err(error),
        }
    }
}

/// Goes to the entry behind the one that had this `next`; 0 is the first.
pub fn seek_entries(directory: Fd, next: i64) -> Result<()> {
    // Who reads from the start again wants to see what is new. To any other entry goes `read_entries`.
    if next == 0 {
        let _held = LOCK.lock();
        scan(directory)?.rewind();
    }
    Ok(())
}

/// Reads the entry behind the one that had this `next`; none at the end.
pub fn read_entries(
    directory: Fd,
    next: i64,
    buffer: &mut EntryBuffer,
) -> Result<impl Iterator<Item = Entry<'_>>> {
    let _held = LOCK.lock();
    let scan = scan(directory)?;
    scan.seek(next)?;
    let next = scan.next()?;
    if next.is_none() {
        // Most who get here read no further.
        scan.close();
    }
    let entry = next.map(|raw| Entry {
        inode: raw.d_ino,
        next: scan.index,
        kind: match raw.d_type {
            DT_REG => Some(FileKind::Regular),
            DT_DIR => Some(FileKind::Directory),
            DT_LNK => Some(FileKind::SymbolicLink),
            DT_BLK => Some(FileKind::BlockDevice),
            DT_CHR => Some(FileKind::CharacterDevice),
            DT_FIFO | DT_SOCK => Some(FileKind::Other),
            _ => None,
        },
        name: copy_name(raw, buffer),
    });
    Ok(entry.into_iter())
}

fn copy_name<'a>(raw: &libc::dirent, buffer: &'a mut EntryBuffer) -> &'a CStr {
    const { assert!(size_of::<libc::dirent>() < size_of::<EntryBuffer>()) };
    let mut length = 0;
    for (to, from) in buffer.0.iter_mut().zip(raw.d_name.iter().take(raw.d_namlen.into())) {
        to.write(*from as u8);
        length += 1;
    }
    if let Some(end) = buffer.0.get_mut(length) {
        end.write(0);
    }
    let text = buffer.0.get(..=length).unwrap_or_default();
    // SAFETY: all of it has been written; it ends with a NUL byte, which names don't have.
    unsafe { CStr::from_bytes_with_nul_unchecked(text.assume_init_ref()) }
}
