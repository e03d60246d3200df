//! Open files: reading, writing, seeking, status. Descriptors are plain numbers; who opens one
//! closes it. Calls that a signal interrupted are repeated.

use linux_raw_sys::general::{
    __NR_close, __NR_fadvise64, __NR_fcntl, __NR_fdatasync, __NR_fsync, __NR_ftruncate, __NR_lseek,
    __NR_preadv, __NR_pwritev, __NR_pwritev2, __NR_readv, __NR_statx, __NR_writev, AT_EMPTY_PATH,
    F_DUPFD_CLOEXEC, F_GETFL, F_SETFL, O_ACCMODE, O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY,
    POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE, POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL,
    POSIX_FADV_WILLNEED, RWF_APPEND, S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SEEK_CUR, SEEK_END,
    SEEK_SET, STATX_BASIC_STATS, statx, statx_timestamp,
};
use linux_raw_sys::ioctl::TCGETS;

use super::{Errno, Result, check, syscall3, syscall6};

pub use crate::sys::types::{Advice, Fd, FileKind, IoVec, OpenMode, Position, Stat, Whence};

/// Bytes that a pipe which is ready takes without waiting.
pub const PIPE_PIECE: u32 = 4096;

/// Repeats a system call while signals interrupt it.
#[inline(always)]
pub(super) fn retry(mut call: impl FnMut() -> isize) -> Result<usize> {
    loop {
        match check(call()) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

#[inline(always)]
fn vectored(fd: Fd, iovecs: &[IoVec], position: Position, current: u32, at: u32) -> Result<usize> {
    let (pointer, count) = (iovecs.as_ptr() as usize, iovecs.len());
    // At the current position the kernel doesn't look at the offset.
    let (number, offset) = match position {
        Position::Current => (current, 0),
        Position::At(offset) => (at, offset as usize),
    };
    // `retry` would cost 100 bytes more, in nearly every program.
    loop {
        // SAFETY: the kernel reads `iovecs`; the memory they describe is the caller's duty.
        match check(unsafe { syscall6(number, fd as usize, pointer, count, offset, 0, 0) }) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn read(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    vectored(fd, iovecs, position, __NR_readv, __NR_preadv)
}

/// # Safety
/// The memory that `iovecs` describe may be read.
pub unsafe fn write(fd: Fd, iovecs: &[IoVec], position: Position) -> Result<usize> {
    vectored(fd, iovecs, position, __NR_writev, __NR_pwritev)
}

/// Writes at the end of a file, wherever that is then. Kernels before 4.16 and qemu-user can't do it in one step.
///
/// # Safety
/// As for `write`.
pub unsafe fn append(fd: Fd, iovecs: &[IoVec]) -> Result<usize> {
    let (pointer, count, flags) = (iovecs.as_ptr() as usize, iovecs.len(), RWF_APPEND as usize);
    // SAFETY: the kernel reads `iovecs`; the memory they describe is the caller's duty.
    match retry(|| unsafe { syscall6(__NR_pwritev2, fd as usize, pointer, count, 0, 0, flags) }) {
        Err(Errno::NOSYS | Errno::NOTSUP) => {
            let end = seek(fd, 0, Whence::End)?;
            // SAFETY: as the caller promises.
            unsafe { write(fd, iovecs, Position::At(end)) }
        }
        result => result,
    }
}

/// Another descriptor of the same open file. It isn't one of the standard streams.
pub fn duplicate(fd: Fd) -> Result<Fd> {
    // SAFETY: takes no pointers.
    check(unsafe { syscall3(__NR_fcntl, fd as usize, F_DUPFD_CLOEXEC as usize, 3) }).map(|fd| fd as Fd)
}

/// Closes a descriptor; errors of a delayed write are lost, as the number is free in any case.
pub fn close(fd: Fd) {
    // SAFETY: takes no pointers; the caller gives up the descriptor.
    unsafe { syscall3(__NR_close, fd as usize, 0, 0) };
}

/// Moves the position; returns the new one.
pub fn seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
    let whence = match whence {
        Whence::Start => SEEK_SET,
        Whence::Current => SEEK_CUR,
        Whence::End => SEEK_END,
    };
    // SAFETY: takes no pointers.
    check(unsafe { syscall3(__NR_lseek, fd as usize, offset as usize, whence as usize) })
        .map(|position| position as u64)
}

/// Sets the size.
pub fn truncate(fd: Fd, size: u64) -> Result<()> {
    // SAFETY: takes no pointers.
    retry(|| unsafe { syscall3(__NR_ftruncate, fd as usize, size as usize, 0) }).map(drop)
}

/// Waits until the data, and the metadata unless `data_only`, is on the disk.
pub fn sync(fd: Fd, data_only: bool) -> Result<()> {
    let number = if data_only { __NR_fdatasync } else { __NR_fsync };
    // SAFETY: takes no pointers.
    retry(|| unsafe { syscall3(number, fd as usize, 0, 0) }).map(drop)
}

/// Tells the kernel how a range of the file is going to be used; length 0 is to the end.
pub fn advise(fd: Fd, offset: u64, length: u64, advice: Advice) -> Result<()> {
    let advice = match advice {
        Advice::Normal => POSIX_FADV_NORMAL,
        Advice::Sequential => POSIX_FADV_SEQUENTIAL,
        Advice::Random => POSIX_FADV_RANDOM,
        Advice::WillNeed => POSIX_FADV_WILLNEED,
        Advice::DontNeed => POSIX_FADV_DONTNEED,
        Advice::NoReuse => POSIX_FADV_NOREUSE,
    };
    // SAFETY: takes no pointers.
    check(unsafe {
        syscall6(__NR_fadvise64, fd as usize, offset as usize, length as usize, advice as usize, 0, 0)
    })
    .map(drop)
}

pub fn open_mode(fd: Fd) -> Result<OpenMode> {
    // SAFETY: F_GETFL takes no pointers.
    let flags = check(unsafe { syscall3(__NR_fcntl, fd as usize, F_GETFL as usize, 0) })? as u32;
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
    check(unsafe { syscall3(__NR_fcntl, *fd as usize, F_SETFL as usize, flags as usize) }).map(drop)
}

/// Whether the descriptor is a terminal.
pub fn is_terminal(fd: Fd) -> bool {
    // The largest `struct termios` of any architecture is smaller.
    let mut termios = [0u64; 16];
    let pointer = termios.as_mut_ptr() as usize;
    // SAFETY: the kernel writes a `struct termios`, which fits.
    let result =
        unsafe { syscall3(linux_raw_sys::general::__NR_ioctl, fd as usize, TCGETS as usize, pointer) };
    result >= 0
}

pub fn stat(fd: Fd) -> Result<Stat> {
    stat_at(fd, c"", AT_EMPTY_PATH)
}

/// Type and permissions of an open file, as `S_` flags.
pub(super) fn mode(fd: Fd) -> Result<u32> {
    Ok(raw_stat(fd, c"", AT_EMPTY_PATH)?.stx_mode.into())
}

#[inline(always)]
fn raw_stat(directory: Fd, path: &core::ffi::CStr, flags: u32) -> Result<statx> {
    let mut buffer = core::mem::MaybeUninit::<statx>::uninit();
    let mask = STATX_BASIC_STATS as usize;
    let pointer = buffer.as_mut_ptr() as usize;
    let path = path.as_ptr() as usize;
    // SAFETY: the kernel reads `path` and writes a `struct statx`.
    retry(|| unsafe { syscall6(__NR_statx, directory as usize, path, flags as usize, mask, pointer, 0) })?;
    // SAFETY: the kernel has written all of it.
    Ok(unsafe { buffer.assume_init() })
}

/// `statx` with these `AT_` flags.
pub(super) fn stat_at(directory: Fd, path: &core::ffi::CStr, flags: u32) -> Result<Stat> {
    let raw = raw_stat(directory, path, flags)?;
    Ok(Stat {
        device: u64::from(raw.stx_dev_major) << 32 | u64::from(raw.stx_dev_minor),
        inode: raw.stx_ino,
        kind: match u32::from(raw.stx_mode) & S_IFMT {
            S_IFREG => FileKind::Regular,
            S_IFDIR => FileKind::Directory,
            S_IFLNK => FileKind::SymbolicLink,
            S_IFBLK => FileKind::BlockDevice,
            S_IFCHR => FileKind::CharacterDevice,
            _ => FileKind::Other,
        },
        links: raw.stx_nlink,
        size: raw.stx_size,
        accessed: nanoseconds(&raw.stx_atime),
        modified: nanoseconds(&raw.stx_mtime),
        changed: nanoseconds(&raw.stx_ctime),
    })
}

fn nanoseconds(time: &statx_timestamp) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::from(time.tv_nsec))
}
