//! Open files: reading, writing, seeking, status. Descriptors are plain numbers; who opens one
//! closes it. Calls that a signal interrupted are repeated.

use core::mem::MaybeUninit;

use libc::{
    F_DUPFD_CLOEXEC, F_FULLFSYNC, F_GETFL, F_SETFL, O_ACCMODE, O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY,
    S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SEEK_CUR, SEEK_END, SEEK_SET,
};

use super::error::{check, retry};
use super::{Errno, Result};

pub use crate::sys::types::{Advice, Fd, FileKind, IoVec, OpenMode, Position, Stat, Whence};

/// Bytes that a pipe which is ready takes without waiting.
pub const PIPE_PIECE: u32 = 512;

/// The system refuses to transfer more at once.
const MOST: usize = i32::MAX as usize;

/// Calls `transfer` with the pieces, or with no more of them than the system takes.
#[inline(always)]
fn vectored(iovecs: &[IoVec], mut transfer: impl FnMut(*const libc::iovec, i32) -> isize) -> Result<usize> {
    let (mut pieces, mut total) = (iovecs, 0_usize);
    let first;
    for (index, piece) in iovecs.iter().enumerate() {
        total = total.saturating_add(piece.length);
        if total > MOST {
            pieces = iovecs.get(..index).unwrap_or_default();
            if pieces.is_empty() {
                first = [IoVec { base: piece.base, length: MOST }];
                pieces = &first;
            }
            break;
        }
    }
    retry(|| transfer(pieces.as_ptr().cast(), pieces.len() as i32))
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn read(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    // SAFETY: the system reads the pieces; the memory they describe is the caller's duty.
    vectored(iovecs, |pieces, count| unsafe {
        match position {
            Position::Current => libc::readv(fd, pieces, count),
            Position::At(offset) => libc::preadv(fd, pieces, count, offset as i64),
        }
    })
}

/// # Safety
/// The memory that `iovecs` describe may be read.
pub unsafe fn write(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    // SAFETY: as for `read`.
    vectored(iovecs, |pieces, count| unsafe {
        match position {
            Position::Current => libc::writev(fd, pieces, count),
            Position::At(offset) => libc::pwritev(fd, pieces, count, offset as i64),
        }
    })
}

/// Writes at the end of a file, wherever that is then: the system has this as a property of open files only.
///
/// # Safety
/// As for `write`.
pub unsafe fn append(mut fd: Fd, iovecs: &[IoVec]) -> Result<usize> {
    let mode = open_mode(fd)?;
    set_open_mode(&mut fd, true, mode.nonblock)?;
    // SAFETY: as the caller promises.
    let result = unsafe { write(fd, iovecs, Position::Current) };
    set_open_mode(&mut fd, mode.append, mode.nonblock)?;
    result
}

/// Another descriptor of the same open file. It isn't one of the standard streams.
pub fn duplicate(fd: Fd) -> Result<Fd> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, F_DUPFD_CLOEXEC, 3) }).map(|fd| fd as Fd)
}

/// Closes a descriptor; errors of a delayed write are lost, as the number is free in any case.
pub fn close(fd: Fd) {
    // SAFETY: takes no pointers; the caller gives up the descriptor.
    unsafe { libc::close(fd) };
}

/// Moves the position; returns the new one.
pub fn seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
    let whence = match whence {
        Whence::Start => SEEK_SET,
        Whence::Current => SEEK_CUR,
        Whence::End => SEEK_END,
    };
    // SAFETY: takes no pointers.
    check(unsafe { libc::lseek(fd, offset, whence) }).map(|position| position as u64)
}

/// Sets the size.
pub fn truncate(fd: Fd, size: u64) -> Result<()> {
    // SAFETY: takes no pointers.
    retry(|| unsafe { libc::ftruncate(fd, size as i64) }).map(drop)
}

/// Waits until data and metadata are on the disk: `fsync` only waits until the disk has them in its memory. Not
/// every file system can do more.
pub fn sync(fd: Fd, _data_only: bool) -> Result<()> {
    // SAFETY: takes no pointers.
    retry(|| unsafe { libc::fcntl(fd, F_FULLFSYNC) })
        .or_else(|_| retry(|| unsafe { libc::fsync(fd) }))
        .map(drop)
}

/// The system takes no advice.
pub fn advise(_fd: Fd, _offset: u64, length: u64, _advice: Advice) -> Result<()> {
    if length > i64::MAX as u64 { Err(Errno::INVAL) } else { Ok(()) }
}

pub fn open_mode(fd: Fd) -> Result<OpenMode> {
    // SAFETY: F_GETFL takes no pointers.
    let flags = check(unsafe { libc::fcntl(fd, F_GETFL) })? as i32;
    Ok(OpenMode {
        read: flags & O_ACCMODE != O_WRONLY,
        write: flags & O_ACCMODE != O_RDONLY,
        append: flags & O_APPEND != 0,
        nonblock: flags & O_NONBLOCK != 0,
    })
}

/// Changes how reads and writes are done; what the file was opened for stays. Other systems note it in the
/// descriptor.
pub fn set_open_mode(fd: &mut Fd, append: bool, nonblock: bool) -> Result<()> {
    let flags = if append { O_APPEND } else { 0 } | if nonblock { O_NONBLOCK } else { 0 };
    // SAFETY: F_SETFL takes no pointers.
    check(unsafe { libc::fcntl(*fd, F_SETFL, flags) }).map(drop)
}

/// Whether the descriptor is a terminal.
pub fn is_terminal(fd: Fd) -> bool {
    // SAFETY: takes no pointers.
    unsafe { libc::isatty(fd) == 1 }
}

pub fn stat(fd: Fd) -> Result<Stat> {
    // SAFETY: the system writes a `struct stat`.
    stat_with(|raw| unsafe { libc::fstat(fd, raw) })
}

/// The status that a call writes.
pub(super) fn stat_with(mut call: impl FnMut(*mut libc::stat) -> i32) -> Result<Stat> {
    let mut raw = MaybeUninit::<libc::stat>::uninit();
    retry(|| call(raw.as_mut_ptr()))?;
    // SAFETY: the system has written all of it.
    let raw = unsafe { raw.assume_init_ref() };
    Ok(Stat {
        device: (raw.st_dev as u32).into(),
        inode: raw.st_ino,
        kind: match raw.st_mode & S_IFMT {
            S_IFREG => FileKind::Regular,
            S_IFDIR => FileKind::Directory,
            S_IFLNK => FileKind::SymbolicLink,
            S_IFBLK => FileKind::BlockDevice,
            S_IFCHR => FileKind::CharacterDevice,
            _ => FileKind::Other,
        },
        links: raw.st_nlink.into(),
        size: raw.st_size as u64,
        accessed: nanoseconds(raw.st_atime, raw.st_atime_nsec),
        modified: nanoseconds(raw.st_mtime, raw.st_mtime_nsec),
        changed: nanoseconds(raw.st_ctime, raw.st_ctime_nsec),
    })
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds as u64)
}
