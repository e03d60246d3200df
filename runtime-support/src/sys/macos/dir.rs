//! Directories and names: opening, creating, removing, renaming.
//!
//! A name in a directory is one name, without slashes ([`name`]). So it can't lead out of the directory, unless it is
//! that of a link which [`open`] may follow. With [`AT_FDCWD`] it is any path of the host.

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;

use libc::{AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_SEARCH, timespec};

use super::clock::timespec_of;
use super::error::{check, last, retry};
use super::file::{Fd, FileKind, Stat, stat_with};
use super::numbers::{O_DIRECTORY, O_PATH};
use super::{Errno, OpenFlags, Result};

pub use crate::sys::types::{NewTime, TimesOf};

/// The working directory.
pub const AT_FDCWD: Fd = libc::AT_FDCWD;

/// Bytes of the longest path, with its terminator. The system's own limit is lower, but we give it names.
pub const PATH_MAX: u32 = 4096;

/// Whether anything can be opened with `OpenFlags::PATH`, to ask about it. Here only directories can: whatever else is
/// asked about a path is asked by its last name.
pub const OPENS_PATHS: bool = false;

/// What new files may be used for by whom, before the process's mask.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: libc::mode_t = 0o777;

/// What the system gets for a name in a directory.
///
/// It follows a link whose name a slash follows, whatever the flags say, and in `name/..namedfork/rsrc` it reaches
/// more than the name: so no slash gets there.
fn name(directory: Fd, name: &CStr) -> Result<*const c_char> {
    if directory != AT_FDCWD && name.to_bytes().contains(&b'/') {
        return Err(Errno::XDEV);
    }
    Ok(name.as_ptr())
}

/// Opens a name in a directory, or any path of the host, for [`AT_FDCWD`]. Without `OpenFlags::NO_FOLLOW`, a symbolic
/// link leads anywhere.
pub fn open(directory: Fd, path: &CStr, OpenFlags(mut flags): OpenFlags) -> Result<Fd> {
    let pointer = name(directory, path)?;
    let enters = flags & O_PATH != 0;
    if enters {
        flags = flags & !O_PATH | O_DIRECTORY;
    }
    let open = |flags: u32| {
        // SAFETY: the system reads the terminated path; the mode has the type that the callee expects.
        retry(|| unsafe { libc::openat(directory, pointer, flags as i32 | O_CLOEXEC, FILE_MODE) })
    };
    let opened = match open(flags) {
        // It may still be entered. Systems that don't know the flag give the same error again.
        Err(Errno::ACCES) if enters => open(flags | O_SEARCH as u32),
        other => other,
    };
    opened.map(|fd| fd as Fd)
}

/// The system has no counterpart: paths are resolved name by name.
pub fn open_beneath(_directory: Fd, _path: &CStr, _flags: OpenFlags) -> Result<Fd> {
    Err(Errno::NOSYS)
}

/// The status of a name in a directory; a symbolic link's own.
pub fn stat_name(directory: Fd, path: &CStr) -> Result<Stat> {
    let path = name(directory, path)?;
    // SAFETY: the system reads the terminated name and writes a `struct stat`.
    stat_with(|raw| unsafe { libc::fstatat(directory, path, raw, AT_SYMLINK_NOFOLLOW) })
}

fn is_directory(directory: Fd, name: &CStr) -> bool {
    stat_name(directory, name).is_ok_and(|stat| stat.kind == FileKind::Directory)
}

pub fn make_directory(directory: Fd, path: &CStr) -> Result<()> {
    let path = name(directory, path)?;
    // SAFETY: the system reads the terminated name.
    check(unsafe { libc::mkdirat(directory, path, DIRECTORY_MODE) }).map(drop)
}

/// Removes a name: of a directory if `of_directory`, else of anything but a directory.
pub fn remove(directory: Fd, path: &CStr, of_directory: bool) -> Result<()> {
    let trimmed = Trimmed::new(path)?;
    let path = trimmed.name();
    if trimmed.had_slashes && !of_directory && stat_name(directory, path)?.kind != FileKind::Directory {
        return Err(Errno::NOTDIR);
    }
    let flags = if of_directory { AT_REMOVEDIR } else { 0 };
    let pointer = name(directory, path)?;
    // SAFETY: the system reads the terminated name.
    check(unsafe { libc::unlinkat(directory, pointer, flags) }).map(drop).map_err(|error| match error {
        // As on Linux.
        Errno::PERM if !of_directory && is_directory(directory, path) => Errno::ISDIR,
        error => error,
    })
}

/// A name without the slashes at its end, with which it must be that of a directory.
struct Trimmed {
    bytes: [u8; 256],
    had_slashes: bool,
}

impl Trimmed {
    fn new(name: &CStr) -> Result<Trimmed> {
        let all = name.to_bytes();
        let end = all.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
        let mut bytes = [0; 256];
        if end >= bytes.len() {
            return Err(Errno::NAMETOOLONG);
        }
        // The rest of `bytes` is zero.
        bytes.iter_mut().zip(all).take(end).for_each(|(to, from)| *to = *from);
        Ok(Trimmed { bytes, had_slashes: end < all.len() })
    }

    /// One for something new that is no directory, so that it can't have slashes.
    fn new_file(directory: Fd, name: &CStr) -> Result<Trimmed> {
        let trimmed = Trimmed::new(name)?;
        if trimmed.had_slashes {
            stat_name(directory, trimmed.name())?;
            return Err(Errno::EXIST);
        }
        Ok(trimmed)
    }

    fn name(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

/// The names may have slashes at their ends.
pub fn rename(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    let (trimmed_from, trimmed_to) = (Trimmed::new(from_name)?, Trimmed::new(to_name)?);
    let (from_name, to_name) = (trimmed_from.name(), trimmed_to.name());
    if from_name == c"." || to_name == c"." {
        return Err(Errno::BUSY);
    }
    let must_be_directory = trimmed_from.had_slashes || trimmed_to.had_slashes;
    if must_be_directory && stat_name(from, from_name)?.kind != FileKind::Directory {
        return Err(Errno::NOTDIR);
    }
    let (from_name, to_name) = (name(from, from_name)?, name(to, to_name)?);
    // SAFETY: the system reads the terminated names.
    check(unsafe { libc::renameat(from, from_name, to, to_name) }).map(drop)
}

/// Gives a file another name, which may have slashes at its end. Symbolic links aren't followed.
pub fn link(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    let to_name = Trimmed::new_file(to, to_name)?;
    let to_name = to_name.name();
    let (from_name, to_name) = (name(from, from_name)?, name(to, to_name)?);
    // SAFETY: the system reads the terminated names.
    check(unsafe { libc::linkat(from, from_name, to, to_name, 0) }).map(drop)
}

pub fn make_symlink(target: &CStr, directory: Fd, path: &CStr) -> Result<()> {
    let path = Trimmed::new_file(directory, path)?;
    let path = path.name();
    let path = name(directory, path)?;
    // SAFETY: the system reads the terminated names.
    check(unsafe { libc::symlinkat(target.as_ptr(), directory, path) }).map(drop)
}

/// The target of a symbolic link, as much of it as fits.
pub fn read_link<'a>(directory: Fd, path: &CStr, buffer: &'a mut [MaybeUninit<u8>]) -> Result<&'a [u8]> {
    let (path, pointer, size) = (name(directory, path)?, buffer.as_mut_ptr(), buffer.len());
    // SAFETY: the system reads the terminated name and writes at most `size` bytes to `buffer`.
    let length = check(unsafe { libc::readlinkat(directory, path, pointer.cast(), size) })?;
    // SAFETY: the system has initialised `length` bytes.
    Ok(unsafe { core::slice::from_raw_parts(pointer.cast(), length) })
}

/// Writes the path of the working directory; its length.
pub fn working_directory(path: &mut [u8]) -> Result<usize> {
    // SAFETY: the system writes at most that many bytes, the last of which is NUL.
    if unsafe { libc::getcwd(path.as_mut_ptr().cast(), path.len()) }.is_null() {
        return Err(last());
    }
    Ok(path.iter().position(|&byte| byte == 0).unwrap_or(0))
}

impl NewTime {
    fn timespec(self) -> timespec {
        match self {
            NewTime::Keep => timespec { tv_sec: 0, tv_nsec: libc::UTIME_OMIT },
            NewTime::Now => timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW },
            NewTime::At(time) => timespec_of(time),
        }
    }
}

pub fn set_times(file: TimesOf<'_>, accessed: NewTime, modified: NewTime) -> Result<()> {
    let times = [accessed.timespec(), modified.timespec()];
    let times = times.as_ptr();
    // SAFETY: the system reads the terminated name and the two times.
    check(unsafe {
        match file {
            TimesOf::File(fd) | TimesOf::Path(fd) => libc::futimens(fd, times),
            TimesOf::Name(directory, path) => {
                libc::utimensat(directory, name(directory, path)?, times, AT_SYMLINK_NOFOLLOW)
            }
        }
    })
    .map(drop)
}
