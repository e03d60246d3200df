//! Where `wasm-aot run` keeps the programs that it has built.
//!
//! An entry is a directory, named by the hash of everything that decides what is built ([`Key`]). In it are the
//! executable, `program`, with a seal at its end ([`seal`]), and hard links to it by the names under which it was
//! run: systems take the name of a process from the path of its program.
//!
//! Whoever can change the cache decides what its user runs. So nothing is used that others own or can write to,
//! and everything in the cache is opened by descriptors, from its directory on, without following links
//! ([`directory`]). That keeps attackers out; the seal detects files that are truncated, mixed up or damaged by
//! disk faults. Without a cache, programs are built into memory and run from there ([`exec`]).

mod directory;
pub mod evict;
pub mod exec;
mod key;
mod names;
mod seal;

use std::ffi::{CStr, CString, OsStr};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use directory::Directory;
pub use directory::Fault;
pub use key::Key;
use names::{PROGRAM, TEMPORARY};

use crate::escape;

/// How old the recorded time of an entry's last use may be before it is updated.
const PRECISION: Duration = Duration::from_secs(60 * 60);

/// The user's cache.
pub struct Cache {
    directory: Directory,
}

/// A program in the cache that has been checked.
pub struct Entry {
    directory: Directory,
    /// The file, open for reading, at the start of the program.
    file: File,
    /// Length of the program in bytes; the seal follows it.
    length: u64,
    /// The file's name in the directory, which becomes the name of the process.
    name: Option<CString>,
}

/// What the cache holds under a key.
pub enum Found {
    Entry(Entry),
    Nothing,
    /// Something that can't be used, and why.
    Wrong(Fault),
}

/// Why there is no cache.
#[derive(Debug)]
pub enum Unusable {
    /// There is no place to put it.
    Nowhere,
    /// It can't be opened or created.
    Failed(PathBuf, io::Error),
    /// Others could put something into it.
    Unsafe(PathBuf, &'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Nowhere => f.write_str("neither XDG_CACHE_HOME nor HOME is set"),
            Unusable::Failed(path, error) => write!(f, "{}: {error}", escape::path(path)),
            Unusable::Unsafe(path, reason) => write!(f, "{} {reason}", escape::path(path)),
        }
    }
}

impl std::error::Error for Unusable {}

/// `$XDG_CACHE_HOME/wasm-aot`, or `~/.cache/wasm-aot` (XDG Base Directory Specification).
///
/// # Errors
/// If neither variable has an absolute path.
pub fn path() -> Result<PathBuf, Unusable> {
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    base.map(|base| base.join("wasm-aot")).ok_or(Unusable::Nowhere)
}

/// The value of a variable if it is an absolute path; relative paths are to be ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Whether the cache may be created. A home directory is never created here: users without one often have
/// `/nonexistent`.
fn may_be_made() -> bool {
    absolute("XDG_CACHE_HOME").is_some() || absolute("HOME").is_some_and(|home| home.is_dir())
}

impl Cache {
    /// Opens the user's cache; creates it if it doesn't exist.
    ///
    /// # Errors
    /// If there is no place for it, or none that is private to this user.
    pub fn open() -> Result<Cache, Unusable> {
        let path = path()?;
        match Directory::open(&path).or_else(|fault| match fault {
            Fault::Missing if may_be_made() => Directory::create(&path),
            _ => Err(fault),
        }) {
            Ok(directory) => Ok(Cache { directory }),
            Err(fault) => Err(Unusable::new(path, fault)),
        }
    }

    /// Opens the user's cache if it exists.
    ///
    /// # Errors
    /// If it can't be opened or isn't private to this user.
    pub fn existing() -> Result<Option<Cache>, Unusable> {
        let path = path()?;
        match Directory::open(&path) {
            Ok(directory) => Ok(Some(Cache { directory })),
            Err(Fault::Missing) => Ok(None),
            Err(fault) => Err(Unusable::new(path, fault)),
        }
    }

    /// Looks up a program that is to run under `name`, and checks it.
    pub fn find(&self, key: &Key, name: &OsStr) -> Found {
        match self.look_up(key, name) {
            Ok(entry) => Found::Entry(entry),
            Err(Fault::Missing) => Found::Nothing,
            Err(fault) => Found::Wrong(fault),
        }
    }

    fn look_up(&self, key: &Key, name: &OsStr) -> Result<Entry, Fault> {
        let directory = self.directory.open_directory(&key.name())?;
        let mut name = process_name(name);
        let named = name.as_deref().map(|name| directory.open_file(name));
        let (mut file, stat) = match named {
            Some(Err(Fault::Missing)) | None => {
                let file = directory.open_file(PROGRAM)?;
                // Not all file systems have hard links. A concurrent run may have made this one.
                if let Some(link) = &name
                    && directory.link(PROGRAM, link).is_err_and(|error| error != rustix::io::Errno::EXIST)
                {
                    name = None;
                }
                file
            }
            Some(file) => file?,
        };
        let length = seal::check(&mut file, stat.length, key)?;
        if SystemTime::now().duration_since(stat.modified).is_ok_and(|age| age > PRECISION) {
            directory.touch(PROGRAM);
        }
        Ok(Entry { directory, file, length, name })
    }

    /// Removes an entry that can't be used.
    ///
    /// # Errors
    /// If it can't be removed.
    pub fn discard(&self, key: &Key) -> io::Result<()> {
        self.directory.remove(&key.name())
    }

    /// Adds a program, evicting older ones if necessary, and looks it up.
    ///
    /// # Errors
    /// If it can't be written or is too large.
    pub fn store(&self, key: &Key, executable: &[u8], name: &OsStr, limit: u64) -> Result<Entry, Fault> {
        let bytes = (executable.len() + seal::LENGTH) as u64;
        if bytes > limit {
            return Err(io::Error::other("the program is larger than the cache may become").into());
        }
        evict::make_room(&self.directory, limit - bytes)?;
        let temporary = directory::temporary_name(TEMPORARY);
        let result = self.write(key, executable, &temporary);
        if result.is_err() {
            // It may not have been created; if it can't be removed now, a later run does it.
            let _ = self.directory.remove(&temporary);
        }
        result?;
        self.look_up(key, name)
    }

    /// The contents of the cache.
    ///
    /// # Errors
    /// If the directory can't be read.
    pub fn contents(&self) -> io::Result<evict::Contents> {
        evict::contents(&self.directory)
    }

    /// Removes everything, and tells what it was.
    ///
    /// # Errors
    /// If something can't be removed.
    pub fn clean(&self) -> io::Result<evict::Contents> {
        evict::clean(&self.directory)
    }

    fn write(&self, key: &Key, executable: &[u8], temporary: &CStr) -> Result<(), Fault> {
        let mut file = self.directory.create_file(temporary)?;
        file.write_all(executable)?;
        file.write_all(&seal::of(executable, key))?;
        // Synced before it gets its name: after a power failure the name must not stand for an incomplete
        // file.
        file.sync_all()?;
        // A file that is open for writing can't be executed.
        drop(file);
        let entry = self.directory.create_directory(&key.name())?;
        self.directory.rename(temporary, &entry, PROGRAM)?;
        Ok(())
    }
}

impl Unusable {
    fn new(path: PathBuf, fault: Fault) -> Unusable {
        match fault {
            Fault::Missing => Unusable::Failed(path, rustix::io::Errno::NOENT.into()),
            Fault::Failed(error) => Unusable::Failed(path, error),
            Fault::Unsafe(reason) | Fault::Damaged(reason) => Unusable::Unsafe(path, reason),
        }
    }
}

/// The name for the processes of a program with this file name, if a file can have that name.
fn process_name(name: &OsStr) -> Option<CString> {
    let usable = !matches!(name.as_bytes(), b"" | b"." | b"..") && !name.as_bytes().contains(&b'/');
    CString::new(name.as_bytes()).ok().filter(|_| usable)
}
