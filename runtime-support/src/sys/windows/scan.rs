//! Reading the entries of directories.
//!
//! The system remembers with a handle which entry comes next, and can only start again. So for the directories that
//! were read last, what it gave and wasn't used yet is kept here: whoever goes on where they stopped gets every
//! entry once, however many were removed meanwhile. Others start again and count.

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use super::Result;
use super::api::{FILE_ATTRIBUTE_REPARSE_POINT, IO_STATUS_BLOCK, NtQueryDirectoryFile};
use super::error::check_status;
use super::file::{Fd, FileKind, handle};
use super::name::utf8_or;
use crate::sys::lock::Lock;
use crate::sys::types::Entry;

/// Room for a name.
pub struct EntryBuffer(pub [MaybeUninit<u8>; 4096]);

/// How many directories are remembered.
const SCANS: usize = 16;
const BYTES: usize = 4096;

/// A directory that is being read. All zero is none. It may be closed meanwhile, and another one have its number:
/// whoever begins to read goes to the first entry, and so starts again.
#[repr(C, align(8))]
struct Scan {
    /// What the system gave: `FILE_ID_FULL_DIR_INFORMATION`, one after the other.
    bytes: [u8; BYTES],
    fd: Fd,
    /// Where in `bytes` the next entry is, if that is less than `end`.
    at: usize,
    end: usize,
    /// How many entries came before that one, and before the first in `bytes`.
    index: i64,
    first: i64,
    /// Start from the first entry.
    restart: bool,
    /// When it was used last.
    used: u64,
}

static mut LIST: [Scan; SCANS] =
    [const { Scan { bytes: [0; BYTES], fd: 0, at: 0, end: 0, index: 0, first: 0, restart: false, used: 0 } };
        SCANS];
static mut CLOCK: u64 = 0;

/// Held by whoever has a scan.
static LOCK: Lock = Lock::new();

/// Whether there are several threads. Then descriptors are duplicates that live for one call only (see
/// `wasi::descriptor`), so whatever begins to read starts again.
static SHARED: AtomicBool = AtomicBool::new(false);

/// From now on there may be several threads.
pub fn share() {
    SHARED.store(true, Ordering::Relaxed);
}

/// The scan of a directory, perhaps a new one.
///
/// # Safety
/// The caller holds `LOCK` as long as the reference.
unsafe fn scan(fd: Fd) -> &'static mut Scan {
    let list = &raw mut LIST;
    // SAFETY: as the caller promises.
    unsafe {
        CLOCK += 1;
        let list = &mut *list;
        let mut oldest = 0;
        for (index, scan) in list.iter().enumerate() {
            if scan.fd == fd {
                oldest = index;
                break;
            }
            if list.get(oldest).is_none_or(|other| scan.used < other.used) {
                oldest = index;
            }
        }
        let scan = &mut list[oldest % SCANS];
        if scan.fd != fd {
            scan.fd = fd;
            scan.rewind();
        }
        scan.used = CLOCK;
        scan
    }
}

impl Scan {
    /// Asks for more entries, if none is left; whether there are any.
    fn fill(&mut self) -> Result<bool> {
        const FILE_ID_FULL_DIRECTORY_INFORMATION: u32 = 38;
        const NO_MORE_FILES: i32 = 0x8000_0006_u32 as i32;
        const NO_SUCH_FILE: i32 = 0xc000_000f_u32 as i32;
        if self.at < self.end {
            return Ok(true);
        }
        let mut status = IO_STATUS_BLOCK::default();
        let restart = u8::from(self.restart);
        // SAFETY: writes `bytes` and the status.
        let result = unsafe {
            NtQueryDirectoryFile(
                handle(self.fd),
                0,
                ptr::null(),
                ptr::null(),
                &raw mut status,
                self.bytes.as_mut_ptr().cast(),
                BYTES as u32,
                FILE_ID_FULL_DIRECTORY_INFORMATION,
                0,
                ptr::null(),
                restart,
            )
        };
        if matches!(result, NO_MORE_FILES | NO_SUCH_FILE) {
            return Ok(false);
        }
        check_status(result)?;
        self.restart = false;
        (self.at, self.end, self.first) = (0, status.Information.min(BYTES), self.index);
        Ok(self.at < self.end)
    }

    fn number(&self, offset: usize) -> u32 {
        let bytes = self.bytes.get(self.at + offset..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// Goes behind the entry that is next.
    fn advance(&mut self) {
        let distance = self.number(0) as usize;
        self.at = if distance == 0 { self.end } else { self.at + distance };
        self.index += 1;
    }

    /// Goes to the first entry, which is asked for again.
    fn rewind(&mut self) {
        (self.at, self.end, self.index, self.first, self.restart) = (0, 0, 0, 0, true);
    }

    /// Goes to the entry with this index.
    fn seek(&mut self, index: i64) -> Result<()> {
        if index < self.first {
            self.rewind();
        } else if index < self.index {
            (self.at, self.index) = (0, self.first);
        }
        while self.index < index && self.fill()? {
            self.advance();
        }
        Ok(())
    }

    /// The entry that is next, with its name in `buffer`.
    fn entry<'a>(&self, buffer: &'a mut EntryBuffer) -> Entry<'a> {
        // FileAttributes, FileNameLength, EaSize (the tag of a reparse point), FileId, FileName.
        let (attributes, bytes, tag) = (self.number(56), self.number(60) as usize, self.number(64));
        let inode = u64::from(self.number(72)) | u64::from(self.number(76)) << 32;
        let name = self.bytes.get(self.at + 80..).unwrap_or_default();
        let name = name.get(..bytes).unwrap_or(name);
        let units = name.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit));
        let mut length = 0;
        // It must not become the name of another entry: half a character becomes a byte that UTF-8 doesn't have.
        utf8_or(units, b"\xff", |character| {
            for &byte in character {
                if let Some(slot) = buffer.0.get_mut(length) {
                    slot.write(byte);
                    length += 1;
                }
            }
        });
        let length = length.min(buffer.0.len() - 1);
        buffer.0[length].write(0);
        let text = buffer.0.get(..=length).unwrap_or_default();
        // SAFETY: all of it has been written; it ends with a NUL byte, which names of the system don't have.
        let name = unsafe { CStr::from_bytes_with_nul_unchecked(text.assume_init_ref()) };
        let is_link = attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0
            && tag & super::api::REPARSE_TAG_NAME_SURROGATE != 0;
        let kind = match () {
            () if is_link => FileKind::SymbolicLink,
            () if attributes & super::api::FILE_ATTRIBUTE_DIRECTORY != 0 => FileKind::Directory,
            () => FileKind::Regular,
        };
        Entry { inode, next: self.index + 1, kind: Some(kind), name }
    }
}

/// Goes to the entry behind the one that had this `next`; 0 is the first.
pub fn seek_entries(directory: Fd, next: i64) -> Result<()> {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let scan = unsafe { scan(directory) };
    // Who reads from the start again wants to see what is new.
    if next == 0 || SHARED.load(Ordering::Relaxed) {
        scan.rewind();
    }
    scan.seek(next)
}

/// Reads an entry at the directory's position; none at the end.
pub fn read_entries(
    directory: Fd,
    _next: i64,
    buffer: &mut EntryBuffer,
) -> Result<impl Iterator<Item = Entry<'_>>> {
    let _held = LOCK.lock();
    // SAFETY: the lock is held.
    let scan = unsafe { scan(directory) };
    let entry = match scan.fill()? {
        true => {
            let entry = scan.entry(buffer);
            scan.advance();
            Some(entry)
        }
        false => None,
    };
    Ok(entry.into_iter())
}
