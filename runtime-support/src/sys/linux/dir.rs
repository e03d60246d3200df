//! Directories and names: opening, creating, removing, renaming. None of these
//! confine a path to a directory, except [`open_beneath`]; `wasi::resolve` does.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use linux_raw_sys::general::{
    __NR_getcwd, __NR_linkat, __NR_mkdirat, __NR_openat, __NR_openat2, __NR_readlinkat, __NR_renameat2,
    __NR_symlinkat, __NR_unlinkat, __NR_utimensat, __kernel_timespec, AT_EMPTY_PATH, AT_REMOVEDIR,
    AT_SYMLINK_NOFOLLOW, O_CLOEXEC, RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS, UTIME_NOW, UTIME_OMIT, open_how,
};
pub use linux_raw_sys::general::{AT_FDCWD, PATH_MAX};

pub use crate::sys::types::{NewTime, TimesOf};

use super::file::{Fd, Stat, retry, stat_at};
use super::{OpenFlags, Result, check, syscall3, syscall4, syscall6};

/// Whether anything can be opened with `OpenFlags::PATH`, to ask about it.
pub const OPENS_PATHS: bool = true;

/// What new files may be used for by whom, before the process's mask.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

fn creation_mode(flags: OpenFlags) -> u32 {
    if flags.intersects(OpenFlags::CREATE) { FILE_MODE } else { 0 }
}

/// Opens a path. Symbolic links lead anywhere.
pub fn open(directory: Fd, path: &CStr, flags: OpenFlags) -> Result<Fd> {
    let (pointer, mode) = (path.as_ptr() as usize, creation_mode(flags) as usize);
    let flags = (flags.0 | O_CLOEXEC) as usize;
    // SAFETY: the kernel reads the terminated `path`.
    retry(|| unsafe { syscall4(__NR_openat, directory as usize, pointer, flags, mode) }).map(|fd| fd as Fd)
}

/// Opens a path, with an error (`Errno::XDEV`) if it leads out of `directory`. Fails with `Errno::NOSYS` or
/// `Errno::PERM` where the system call is missing or filtered.
pub fn open_beneath(directory: Fd, path: &CStr, flags: OpenFlags) -> Result<Fd> {
    let how = open_how {
        flags: (flags.0 | O_CLOEXEC).into(),
        mode: creation_mode(flags).into(),
        resolve: (RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS).into(),
    };
    let (pointer, how_pointer) = (path.as_ptr() as usize, &raw const how as usize);
    // SAFETY: the kernel reads the terminated `path` and `how`.
    retry(|| unsafe {
        let size = size_of::<open_how>();
        syscall4(__NR_openat2, directory as usize, pointer, how_pointer, size)
    })
    .map(|fd| fd as Fd)
}

/// The status of a name in a directory; a symbolic link's own.
pub fn stat_name(directory: Fd, name: &CStr) -> Result<Stat> {
    stat_at(directory, name, AT_SYMLINK_NOFOLLOW)
}

pub fn make_directory(directory: Fd, name: &CStr) -> Result<()> {
    // SAFETY: the kernel reads the terminated `name`.
    check(unsafe {
        let name = name.as_ptr() as usize;
        syscall3(__NR_mkdirat, directory as usize, name, DIRECTORY_MODE as usize)
    })
    .map(drop)
}

/// Removes a name: of a directory if `is_directory`, else of anything but a directory.
pub fn remove(directory: Fd, name: &CStr, is_directory: bool) -> Result<()> {
    let flags = if is_directory { AT_REMOVEDIR } else { 0 };
    // SAFETY: the kernel reads the terminated `name`.
    check(unsafe { syscall3(__NR_unlinkat, directory as usize, name.as_ptr() as usize, flags as usize) })
        .map(drop)
}

pub fn rename(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    let (from_name, to_name) = (from_name.as_ptr() as usize, to_name.as_ptr() as usize);
    // SAFETY: the kernel reads the terminated names.
    check(unsafe { syscall6(__NR_renameat2, from as usize, from_name, to as usize, to_name, 0, 0) }).map(drop)
}

/// Gives a file another name. Symbolic links aren't followed.
pub fn link(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    let (from_name, to_name) = (from_name.as_ptr() as usize, to_name.as_ptr() as usize);
    // SAFETY: the kernel reads the terminated names.
    check(unsafe { syscall6(__NR_linkat, from as usize, from_name, to as usize, to_name, 0, 0) }).map(drop)
}

pub fn make_symlink(target: &CStr, directory: Fd, name: &CStr) -> Result<()> {
    let (target, name) = (target.as_ptr() as usize, name.as_ptr() as usize);
    // SAFETY: the kernel reads the terminated names.
    check(unsafe { syscall3(__NR_symlinkat, target, directory as usize, name) }).map(drop)
}

/// The target of a symbolic link (of `directory` itself if `name` is empty), as much of it as
/// fits.
pub fn read_link<'a>(directory: Fd, name: &CStr, buffer: &'a mut [MaybeUninit<u8>]) -> Result<&'a [u8]> {
    let (name, pointer, size) = (name.as_ptr() as usize, buffer.as_mut_ptr(), buffer.len());
    // SAFETY: the kernel reads the terminated `name` and writes at most `size` bytes to `buffer`.
    let length =
        check(unsafe { syscall4(__NR_readlinkat, directory as usize, name, pointer as usize, size) })?;
    // SAFETY: the kernel has initialised `length` bytes.
    Ok(unsafe { core::slice::from_raw_parts(pointer.cast(), length) })
}

/// Writes the path of the working directory; its length.
pub fn working_directory(path: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most that many bytes, the last of which is NUL.
    let length = check(unsafe { syscall3(__NR_getcwd, path.as_mut_ptr() as usize, path.len(), 0) })?;
    Ok(length.saturating_sub(1))
}

impl NewTime {
    fn timespec(self) -> __kernel_timespec {
        let (tv_sec, tv_nsec) = match self {
            NewTime::Keep => (0, i64::from(UTIME_OMIT)),
            NewTime::Now => (0, i64::from(UTIME_NOW)),
            NewTime::At(time) => ((time / 1_000_000_000) as i64, (time % 1_000_000_000) as i64),
        };
        __kernel_timespec { tv_sec, tv_nsec }
    }
}

pub fn set_times(file: TimesOf<'_>, accessed: NewTime, modified: NewTime) -> Result<()> {
    let times = [accessed.timespec(), modified.timespec()];
    let (fd, path, flags) = match file {
        TimesOf::File(fd) => (fd, 0, 0),
        TimesOf::Path(fd) => (fd, c"".as_ptr() as usize, AT_EMPTY_PATH),
        TimesOf::Name(directory, name) => (directory, name.as_ptr() as usize, AT_SYMLINK_NOFOLLOW),
    };
    let times = times.as_ptr() as usize;
    // SAFETY: the kernel reads the terminated path, if any, and the two times.
    check(unsafe { syscall4(__NR_utimensat, fd as usize, path, times, flags as usize) }).map(drop)
}
