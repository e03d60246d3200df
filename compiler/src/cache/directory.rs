//! The directories of the cache, by descriptors: the only place that opens, creates and removes anything in the
//! cache.
//!
//! A [`Directory`] is private to the user: it belongs to the effective user, and no one else can write to it. Only
//! the last component of its path isn't followed if it is a link; whoever controls the earlier components can put
//! another directory there, but none that passes the check. Names within a directory are single components and
//! never followed as links, so between a check and a use only this user's own processes can change anything.

use std::ffi::{CStr, CString};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The depth to which nested directories are removed; the cache has two levels.
const DEPTH: usize = 8;

/// Why something can't be used. Displayed as a predicate, to follow the name of the thing: "is missing".
#[derive(Debug)]
pub enum Fault {
    Missing,
    Failed(io::Error),
    /// It belongs to another user, or others can write to it.
    Unsafe(&'static str),
    /// Its contents or mode aren't what was stored.
    Damaged(&'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Missing => f.write_str("is missing"),
            Fault::Failed(error) => write!(f, "can't be used: {error}"),
            Fault::Unsafe(reason) | Fault::Damaged(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Errno> for Fault {
    fn from(error: Errno) -> Fault {
        match error {
            Errno::NOENT => Fault::Missing,
            error => Fault::Failed(error.into()),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Failed(error)
    }
}

/// A directory that is private to the user.
pub struct Directory(OwnedFd);

/// What is known of a file.
pub struct FileStat {
    pub length: u64,
    pub modified: SystemTime,
}

impl FileStat {
    fn of(stat: &Stat) -> FileStat {
        let modified = UNIX_EPOCH + Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or_default());
        FileStat { length: u64::try_from(stat.st_size).unwrap_or_default(), modified }
    }
}

impl Directory {
    /// Opens a directory by its path.
    ///
    /// # Errors
    /// If it doesn't exist, or isn't private to the user.
    pub fn open(path: &Path) -> Result<Directory, Fault> {
        Directory::open_at(CWD, path)
    }

    /// Creates a directory and any missing ancestors, and opens it.
    ///
    /// # Errors
    /// As for `open`; and if it would be created in another user's directory, where that user couldn't write to
    /// it.
    pub fn create(path: &Path) -> Result<Directory, Fault> {
        let existing = path.ancestors().skip(1).find_map(|path| path.metadata().ok());
        if existing.is_some_and(|parent| ![0, geteuid().as_raw()].contains(&parent.uid())) {
            return Err(Fault::Unsafe("would be in a directory of another user"));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        Directory::open(path)
    }

    fn open_at(directory: impl AsFd, name: impl rustix::path::Arg + Copy) -> Result<Directory, Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&directory, name, flags, Mode::empty()).map_err(|error| {
            let stat = fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW);
            match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
                Ok(FileType::Symlink) => Fault::Unsafe("is a symbolic link"),
                Ok(FileType::Directory) | Err(_) => error.into(),
                Ok(_) => Fault::Unsafe("isn't a directory"),
            }
        })?;
        check_owner(&fs::fstat(&fd)?)?;
        Ok(Directory(fd))
    }

    /// Opens a directory in this one.
    pub fn open_directory(&self, name: &CStr) -> Result<Directory, Fault> {
        Directory::open_at(&self.0, name)
    }

    /// Opens a directory in this one; creates it if it doesn't exist.
    pub fn create_directory(&self, name: &CStr) -> Result<Directory, Fault> {
        match fs::mkdirat(&self.0, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => self.open_directory(name),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens an executable file, for reading.
    ///
    /// # Errors
    /// If it doesn't exist, isn't private to the user or can't be executed.
    pub fn open_file(&self, name: &CStr) -> Result<(File, FileStat), Fault> {
        // A pipe is opened without waiting for a writer, and refused.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = fs::openat(&self.0, name, flags, Mode::empty()).map_err(|error| match error {
            Errno::LOOP => Fault::Unsafe("is a symbolic link"),
            error => error.into(),
        })?;
        let stat = fs::fstat(&fd)?;
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(Fault::Unsafe("isn't a regular file"));
        }
        check_owner(&stat)?;
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.intersects(Mode::SUID | Mode::SGID) || !mode.contains(Mode::RUSR | Mode::XUSR) {
            return Err(Fault::Damaged("doesn't have the mode that it was given"));
        }
        Ok((File::from(fd), FileStat::of(&stat)))
    }

    /// Creates an executable file that only the user can read, whatever the umask is.
    pub fn create_file(&self, name: &CStr) -> Result<File, Fault> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&self.0, name, flags, Mode::RWXU)?;
        fs::fchmod(&fd, Mode::RWXU)?;
        Ok(File::from(fd))
    }

    /// Links a file in this directory under another name.
    pub fn link(&self, name: &CStr, link: &CStr) -> Result<(), Errno> {
        fs::linkat(&self.0, name, &self.0, link, AtFlags::empty())
    }

    /// Moves a file into another directory, replacing what has that name there.
    pub fn rename(&self, name: &CStr, directory: &Directory, new: &CStr) -> Result<(), Errno> {
        fs::renameat(&self.0, name, &directory.0, new)
    }

    /// Sets the times of a file to now, where possible.
    pub fn touch(&self, name: &CStr) {
        let now = Timespec { tv_sec: 0, tv_nsec: fs::UTIME_NOW };
        let times = Timestamps { last_access: now, last_modification: now };
        // On a read-only file system nothing can be evicted either.
        let _ = fs::utimensat(&self.0, name, &times, AtFlags::SYMLINK_NOFOLLOW);
    }

    /// The metadata of a regular file, by its path below this directory.
    pub fn stat(&self, name: &CStr) -> Option<FileStat> {
        let stat = fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        FileType::from_raw_mode(stat.st_mode).is_file().then(|| FileStat::of(&stat))
    }

    /// The names of everything in the directory.
    pub fn names(&self) -> io::Result<Vec<CString>> {
        names(&self.0)
    }

    /// Removes a file, or a directory with everything in it; it is no error if it doesn't exist.
    pub fn remove(&self, name: &CStr) -> io::Result<()> {
        remove(self.0.as_fd(), name, DEPTH)
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn check_owner(stat: &Stat) -> Result<(), Fault> {
    if stat.st_uid != geteuid().as_raw() {
        return Err(Fault::Unsafe("belongs to another user"));
    }
    // Access control lists grant no more than the group's bits do.
    if Mode::from_raw_mode(stat.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
        return Err(Fault::Unsafe("can be written by others"));
    }
    Ok(())
}

fn names(directory: impl AsFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_owned();
        if !matches!(name.as_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    Ok(names)
}

/// Never follows a link: everything it removes is below `directory`.
fn remove(directory: BorrowedFd<'_>, name: &CStr, depth: usize) -> io::Result<()> {
    match fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // POSIX specifies EPERM for directories.
        Err(Errno::ISDIR | Errno::PERM) if depth > 0 => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let inner = fs::openat(directory, name, flags, Mode::empty())?;
    for name in names(&inner)? {
        remove(inner.as_fd(), &name, depth - 1)?;
    }
    match fs::unlinkat(directory, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A name that no other running process uses. That no file has it yet is checked when the file is created.
pub fn temporary_name(prefix: &str) -> CString {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let name = format!("{prefix}{}-{}", std::process::id(), time.as_nanos());
    CString::new(name).expect("there is no NUL in it")
}
