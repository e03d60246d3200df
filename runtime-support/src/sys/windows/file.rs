//! Open files: reading, writing, seeking, status.
//!
//! A descriptor is 0, 1 or 2 for a standard stream, else a handle of the system, which has 32 bits that matter. The
//! system ignores the two low ones: they say how the file is written and read (`APPEND`, `NONBLOCK`). Those of sockets
//! are marked, and handled elsewhere (`sockets`).

use core::ptr;

use super::api::{
    BY_HANDLE_FILE_INFORMATION, CURRENT_PROCESS, CloseHandle, DuplicateHandle, FILE_ATTRIBUTE_DIRECTORY,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO, FILE_BASIC_INFO, FlushFileBuffers, GetConsoleMode,
    GetFileInformationByHandle, GetFileInformationByHandleEx, GetFileType, GetLastError, HANDLE,
    IO_STATUS_BLOCK, NtQueryInformationFile, OVERLAPPED, REPARSE_TAG_NAME_SURROGATE, ReadFile,
    SetFileInformationByHandle, SetFilePointerEx, WriteFile,
};
use super::error::{check, check_status, from_system};
use super::process::{APPEND, MODE, NONBLOCK};
use super::sockets;
use super::{Errno, Result};

pub use super::process::handle;
use crate::sys::types::Receive;
pub use crate::sys::types::{Advice, Fd, FileKind, IoVec, OpenMode, Position, Stat, Whence};

/// Bytes that are written at once to what may wait. Pipes are always ready here.
pub const PIPE_PIECE: u32 = 4096;

pub const FILE_TYPE_CHAR: u32 = 2;
pub const FILE_TYPE_PIPE: u32 = 3;

/// `FILE_INFO_BY_HANDLE_CLASS`.
const FILE_BASIC_INFO_CLASS: u32 = 0;
const FILE_END_OF_FILE_INFO_CLASS: u32 = 6;
const FILE_ATTRIBUTE_TAG_INFO_CLASS: u32 = 9;

const ERROR_HANDLE_EOF: u32 = 38;
const ERROR_BROKEN_PIPE: u32 = 109;

/// The descriptor of a handle.
pub fn descriptor(handle: HANDLE) -> Fd {
    handle as Fd & !MODE
}

/// Reads or writes one piece: handle, address, bytes, place, result.
type Transfer = unsafe fn(HANDLE, *mut u8, u32, *mut u32, *mut OVERLAPPED) -> i32;

/// Transfers piece after piece, until one isn't transferred whole. An error counts if it is the first's.
///
/// # Safety
/// As for `transfer` with all that `iovecs` describe.
unsafe fn vectored(
    handle: HANDLE,
    iovecs: &[IoVec],
    mut at: Option<u64>,
    transfer: Transfer,
) -> Result<usize> {
    let mut total = 0;
    for piece in iovecs {
        let length = piece.length.min(1 << 30) as u32;
        let (mut done, offset) = (0, at.unwrap_or(0));
        let mut place = OVERLAPPED {
            Internal: 0,
            InternalHigh: 0,
            Offset: offset as u32,
            OffsetHigh: (offset >> 32) as u32,
            hEvent: 0,
        };
        let place = if at.is_some() { &raw mut place } else { ptr::null_mut() };
        // SAFETY: as the caller promises; `done` and `place` live as long as the call.
        if unsafe { transfer(handle, piece.base, length, &raw mut done, place) } == 0 {
            // SAFETY: takes no pointers.
            match unsafe { GetLastError() } {
                _ if total > 0 => {}
                // The end of what can be read, which isn't an error.
                ERROR_HANDLE_EOF => {}
                error => return Err(from_system(error)),
            }
            break;
        }
        total += done as usize;
        at = at.map(|at| at.wrapping_add(done.into()));
        if (done as usize) < piece.length {
            break;
        }
    }
    Ok(total)
}

/// As `vectored`, at a place of a file whose position stays as it is, which the system would move.
///
/// # Safety
/// As for `vectored`.
unsafe fn vectored_at(fd: Fd, iovecs: &[IoVec], at: u64, transfer: Transfer) -> Result<usize> {
    let own = seek(fd, 0, Whence::Current)?;
    if at > i64::MAX as u64 {
        return Err(Errno::INVAL);
    }
    // SAFETY: as the caller promises.
    let result = unsafe { vectored(handle(fd), iovecs, Some(at), transfer) };
    seek(fd, own as i64, Whence::Start)?;
    result
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
#[inline(always)]
pub unsafe fn read(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    if let Some(sockets) = sockets::of(fd) {
        // SAFETY: as the caller promises.
        return unsafe { (sockets.receive)(fd, iovecs, Receive { peek: false, wait_all: false }) };
    }
    // SAFETY: as the caller promises.
    let result = unsafe {
        match position {
            Position::Current => vectored(handle(fd), iovecs, None, read_piece),
            Position::At(offset) => vectored_at(fd, iovecs, offset, read_piece),
        }
    };
    result.map_err(|error| opened_otherwise(fd, error))
}

/// # Safety
/// The memory may be written.
unsafe fn read_piece(file: HANDLE, to: *mut u8, bytes: u32, done: *mut u32, place: *mut OVERLAPPED) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        let result = ReadFile(file, to, bytes, done, place);
        // Nobody writes to the pipe any more: its end.
        if result == 0 && GetLastError() == ERROR_BROKEN_PIPE {
            return 1;
        }
        result
    }
}

/// # Safety
/// The memory that `iovecs` describe may be read.
#[inline(always)]
pub unsafe fn write(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    if let Some(sockets) = sockets::of(fd) {
        // SAFETY: as the caller promises.
        return unsafe { (sockets.send)(fd, iovecs) };
    }
    let append = fd > 2 && fd & APPEND != 0;
    // SAFETY: as the caller promises.
    let result = unsafe {
        match position {
            // The system takes this offset for the end.
            Position::Current if append => vectored(handle(fd), iovecs, Some(u64::MAX), write_at_end),
            Position::Current => vectored(handle(fd), iovecs, None, write_piece),
            // As on Linux.
            Position::At(offset) if append => vectored_at(fd, iovecs, offset, write_at_end),
            Position::At(offset) => vectored_at(fd, iovecs, offset, write_piece),
        }
    };
    result.map_err(|error| opened_otherwise(fd, error))
}

/// # Safety
/// The memory may be read.
unsafe fn write_piece(file: HANDLE, from: *mut u8, bytes: u32, done: *mut u32, at: *mut OVERLAPPED) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { WriteFile(file, from, bytes, done, at) }
}

/// As `write_piece`, at the end, whatever the place says.
///
/// # Safety
/// The memory may be read.
unsafe fn write_at_end(file: HANDLE, from: *mut u8, bytes: u32, done: *mut u32, at: *mut OVERLAPPED) -> i32 {
    // SAFETY: as the caller promises; `vectored` gives a place.
    unsafe {
        (*at).Offset = u32::MAX;
        (*at).OffsetHigh = u32::MAX;
        WriteFile(file, from, bytes, done, at)
    }
}

/// What is refused because the file was opened for something else has the error that it has elsewhere.
#[cold]
fn opened_otherwise(fd: Fd, error: Errno) -> Errno {
    match error {
        Errno::ACCES if fd > 2 => Errno::BADF,
        other => other,
    }
}

/// Writes at the end of a file.
///
/// # Safety
/// As for `write`.
pub unsafe fn append(fd: Fd, iovecs: &[IoVec]) -> Result<usize> {
    // SAFETY: as the caller promises.
    let result = unsafe { vectored(handle(fd), iovecs, Some(u64::MAX), write_at_end) };
    result.map_err(|error| opened_otherwise(fd, error))
}

/// Another descriptor of the same open file. It isn't one of the standard streams.
pub fn duplicate(fd: Fd) -> Result<Fd> {
    const DUPLICATE_SAME_ACCESS: u32 = 2;
    if let Some(sockets) = sockets::of(fd) {
        return (sockets.duplicate)(fd);
    }
    let mut result = 0;
    // SAFETY: writes `result`.
    check(unsafe {
        let process = CURRENT_PROCESS;
        DuplicateHandle(process, handle(fd), process, &raw mut result, 0, 0, DUPLICATE_SAME_ACCESS)
    })?;
    Ok(descriptor(result) | fd & MODE)
}

/// Closes a descriptor.
pub fn close(fd: Fd) {
    if let Some(sockets) = sockets::of(fd) {
        (sockets.close)(fd);
    } else if fd > 2 {
        // SAFETY: takes no pointers; the caller gives up the descriptor.
        unsafe { CloseHandle(handle(fd)) };
    }
}

/// Moves the position; returns the new one.
pub fn seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
    let from = match whence {
        Whence::Start if offset < 0 => return Err(Errno::INVAL),
        Whence::Start => 0,
        Whence::Current => 1,
        Whence::End => 2,
    };
    let mut position = 0;
    // SAFETY: writes `position`.
    check(unsafe { SetFilePointerEx(handle(fd), offset, &raw mut position, from) })?;
    Ok(position as u64)
}

/// # Safety
/// `T` is the structure of this class.
unsafe fn set<T>(fd: Fd, class: u32, value: &T) -> Result<()> {
    // SAFETY: reads `value`.
    check(unsafe {
        SetFileInformationByHandle(handle(fd), class, ptr::from_ref(value).cast(), size_of::<T>() as u32)
    })
}

/// # Safety
/// As for `set`.
unsafe fn get<T: Default>(fd: Fd, class: u32) -> Result<T> {
    let mut value = T::default();
    // SAFETY: writes `value`.
    check(unsafe {
        GetFileInformationByHandleEx(handle(fd), class, (&raw mut value).cast(), size_of::<T>() as u32)
    })?;
    Ok(value)
}

/// Sets the size.
pub fn truncate(fd: Fd, size: u64) -> Result<()> {
    let size = i64::try_from(size).map_err(|_| Errno::INVAL)?;
    if !open_mode(fd)?.write {
        return Err(Errno::INVAL);
    }
    // SAFETY: FILE_END_OF_FILE_INFO is a number of 64 bits.
    unsafe { set(fd, FILE_END_OF_FILE_INFO_CLASS, &size) }
}

/// Waits until data and metadata are on the disk.
pub fn sync(fd: Fd, _data_only: bool) -> Result<()> {
    // SAFETY: takes no pointers.
    match check(unsafe { FlushFileBuffers(handle(fd)) }) {
        // It wasn't opened for writing: there is nothing of it to wait for.
        Err(Errno::ACCES) => Ok(()),
        other => other,
    }
}

/// The system takes no advice once a file is open.
pub fn advise(_fd: Fd, _offset: u64, length: u64, _advice: Advice) -> Result<()> {
    if length > i64::MAX as u64 { Err(Errno::INVAL) } else { Ok(()) }
}

pub fn open_mode(fd: Fd) -> Result<OpenMode> {
    const FILE_ACCESS_INFORMATION: u32 = 8;
    const FILE_READ_DATA: u32 = 1;
    const FILE_WRITE_DATA: u32 = 2;
    if fd >= sockets::SOCKET {
        return Ok(OpenMode { read: true, write: true, append: false, nonblock: fd & NONBLOCK != 0 });
    }
    let (mut access, mut status) = (0u32, IO_STATUS_BLOCK::default());
    // SAFETY: writes both.
    check_status(unsafe {
        let access = (&raw mut access).cast();
        NtQueryInformationFile(handle(fd), &raw mut status, access, 4, FILE_ACCESS_INFORMATION)
    })?;
    Ok(OpenMode {
        read: access & FILE_READ_DATA != 0,
        write: access & FILE_WRITE_DATA != 0,
        append: fd & APPEND != 0,
        nonblock: fd & NONBLOCK != 0,
    })
}

/// Changes how reads and writes are done; what the file was opened for stays.
pub fn set_open_mode(fd: &mut Fd, append: bool, nonblock: bool) -> Result<()> {
    *fd = *fd & !MODE | if append { APPEND } else { 0 } | if nonblock { NONBLOCK } else { 0 };
    Ok(())
}

/// Whether the descriptor is a console.
pub fn is_terminal(fd: Fd) -> bool {
    let mut mode = 0;
    // SAFETY: writes `mode`.
    unsafe { GetConsoleMode(handle(fd), &raw mut mode) != 0 }
}

/// Nanoseconds since 1970 of a time of the system; earlier ones are 0.
pub fn nanoseconds(time: i64) -> u64 {
    u64::try_from(time.saturating_sub(EPOCH)).unwrap_or(0).saturating_mul(100)
}

/// The system's time (100 ns since 1601) of the first moment of 1970.
const EPOCH: i64 = 116_444_736_000_000_000;

/// The time of the system for nanoseconds since 1970.
pub fn system_time(nanoseconds: u64) -> i64 {
    (nanoseconds / 100) as i64 + EPOCH
}

pub fn stat(fd: Fd) -> Result<Stat> {
    let mut raw = core::mem::MaybeUninit::<BY_HANDLE_FILE_INFORMATION>::uninit();
    // SAFETY: writes `raw`.
    if let Err(error) = check(unsafe { GetFileInformationByHandle(handle(fd), raw.as_mut_ptr()) }) {
        return stat_of_device(fd).ok_or(error);
    }
    // SAFETY: just written.
    let raw = unsafe { raw.assume_init_ref() };
    // SAFETY: the structure of the class.
    let times = unsafe { get::<FILE_BASIC_INFO>(fd, FILE_BASIC_INFO_CLASS) }?;
    let is_directory = raw.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY != 0;
    let kind = if raw.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 && is_link(fd)? {
        FileKind::SymbolicLink
    } else if is_directory {
        FileKind::Directory
    } else {
        FileKind::Regular
    };
    let join = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    Ok(Stat {
        device: raw.dwVolumeSerialNumber.into(),
        inode: join(raw.nFileIndexHigh, raw.nFileIndexLow),
        kind,
        links: raw.nNumberOfLinks,
        size: join(raw.nFileSizeHigh, raw.nFileSizeLow),
        accessed: nanoseconds(times.LastAccessTime),
        modified: nanoseconds(times.LastWriteTime),
        changed: nanoseconds(times.ChangeTime),
    })
}

/// The status of what isn't in a file system.
#[cold]
fn stat_of_device(fd: Fd) -> Option<Stat> {
    // SAFETY: takes no pointers.
    let kind = match unsafe { GetFileType(handle(fd)) } {
        FILE_TYPE_CHAR => FileKind::CharacterDevice,
        FILE_TYPE_PIPE => FileKind::Other,
        _ => return None,
    };
    Some(Stat { device: 0, inode: 0, kind, links: 1, size: 0, accessed: 0, modified: 0, changed: 0 })
}

/// Whether an open reparse point stands for another name.
pub fn is_link(fd: Fd) -> Result<bool> {
    // SAFETY: the structure of the class.
    let tag = unsafe { get::<FILE_ATTRIBUTE_TAG_INFO>(fd, FILE_ATTRIBUTE_TAG_INFO_CLASS) }?;
    let is_reparse_point = tag.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0;
    Ok(is_reparse_point && tag.ReparseTag & REPARSE_TAG_NAME_SURROGATE != 0)
}

/// Sets times of the system; 0 keeps one.
pub fn set_times(fd: Fd, accessed: i64, modified: i64) -> Result<()> {
    let times =
        FILE_BASIC_INFO { LastAccessTime: accessed, LastWriteTime: modified, ..FILE_BASIC_INFO::default() };
    // SAFETY: the structure of the class.
    unsafe { set(fd, FILE_BASIC_INFO_CLASS, &times) }
}
