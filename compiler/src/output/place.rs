//! What a path of the command line stands for: which file it is, and how it is to be written. The only file of the
//! compiler that knows of descriptors, inodes and modes of files.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What stands for standard input as an input, and for standard output as an output.
pub const STANDARD: &str = "-";

/// How many links are followed from one to the next, as Linux does.
const MAX_LINKS: usize = 40;

/// Where an output goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// `-`.
    Stdout,
    /// A descriptor that the process was started with, by a name such as `/dev/stdout` or `/dev/fd/3`. Where it is
    /// open on a file, what is written goes to its position.
    Descriptor(i32),
    /// Something that exists and is no regular file.
    Special(PathBuf),
    /// A regular file, or none yet. No link: those were followed.
    File(PathBuf),
}

impl Place {
    /// Follows links, also to what doesn't exist.
    ///
    /// # Errors
    /// If it is a directory, or can't be looked at.
    pub fn find(path: &Path) -> io::Result<Place> {
        if path == Path::new(STANDARD) {
            return Ok(Place::Stdout);
        }
        let existing = match std::fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            existing => Some(existing?),
        };
        if existing.as_ref().is_some_and(Metadata::is_dir) {
            return Err(io::Error::new(ErrorKind::IsADirectory, "it is a directory"));
        }
        let mut place = path.to_owned();
        for _ in 0..=MAX_LINKS {
            if let Some(number) = system::descriptor_number(&place) {
                return Ok(Place::Descriptor(number));
            }
            if !place.is_symlink() {
                return Ok(match existing {
                    Some(existing) if !existing.is_file() => Place::Special(path.to_owned()),
                    _ => Place::File(place),
                });
            }
            let target = std::fs::read_link(&place)?;
            place = place.parent().unwrap_or(Path::new("")).join(target);
        }
        Err(io::Error::other("too many symbolic links"))
    }

    /// Which regular file it is, if it is one.
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Place::Stdout => system::descriptor_identity(1),
            Place::Descriptor(number) => system::descriptor_identity(*number),
            Place::Special(_) => None,
            Place::File(path) => system::identity(path),
        }
    }
}

/// Which regular file an input is, if it is one; `-` is standard input.
pub fn input_identity(path: &Path) -> Option<Identity> {
    if path == Path::new(STANDARD) { system::descriptor_identity(0) } else { system::identity(path) }
}

pub use system::{Identity, create, descriptor};

#[cfg(unix)]
mod system {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::fd::FromRawFd as _;
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    /// Device and inode.
    pub type Identity = (u64, u64);

    pub fn identity(path: &Path) -> Option<Identity> {
        regular(std::fs::metadata(path).ok()?)
    }

    pub fn descriptor_identity(number: i32) -> Option<Identity> {
        regular(descriptor(number).ok()?.metadata().ok()?)
    }

    fn regular(metadata: Metadata) -> Option<Identity> {
        metadata.is_file().then(|| (metadata.dev(), metadata.ino()))
    }

    /// A new file.
    pub fn create(path: &Path, executable: bool) -> io::Result<File> {
        let mode = if executable { 0o777 } else { 0o666 };
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
    }

    /// The directories whose names are the process's descriptors.
    const DESCRIPTORS: [&str; 3] = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];

    /// The descriptor that a path names.
    pub fn descriptor_number(path: &Path) -> Option<i32> {
        let number = path.file_name()?.to_str()?.parse().ok()?;
        let directory = path.parent()?.canonicalize().ok()?;
        let known = |name: &&&str| Path::new(name).canonicalize().is_ok_and(|known| known == directory);
        DESCRIPTORS.iter().find(known).map(|_| number)
    }

    /// Another descriptor for what a descriptor is open on, with the same position.
    pub fn descriptor(number: i32) -> io::Result<File> {
        // SAFETY: any number may be asked for; the new descriptor is nobody else's.
        unsafe {
            match libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 0) {
                -1 => Err(io::Error::last_os_error()),
                duplicate => Ok(File::from_raw_fd(duplicate)),
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};

    /// The path without links.
    pub type Identity = PathBuf;

    pub fn identity(path: &Path) -> Option<Identity> {
        path.is_file().then(|| path.canonicalize().ok()).flatten()
    }

    pub fn descriptor_identity(_: i32) -> Option<Identity> {
        None
    }

    pub fn create(path: &Path, _: bool) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    pub fn descriptor_number(_: &Path) -> Option<i32> {
        None
    }

    pub fn descriptor(_: i32) -> io::Result<File> {
        Err(ErrorKind::Unsupported.into())
    }
}
