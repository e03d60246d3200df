//! What a path on the command line refers to: which file it is, and how it is written. The only file of the
//! compiler that knows about file descriptors, inodes and modes.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Stands for standard input as an input, and for standard output as an output.
pub const STANDARD: &str = "-";

/// The maximum number of links that are followed in a row, as on Linux.
const MAX_LINKS: usize = 40;

/// Where an output goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// `-`.
    Stdout,
    /// A descriptor that the process was started with, named as `/dev/stdout` or `/dev/fd/3`. If it is open on a
    /// file, output is written at its position.
    Descriptor(i32),
    /// Something that exists and isn't a regular file.
    Special(PathBuf),
    /// A regular file, or one that doesn't exist yet. Never a link: links were followed.
    File(PathBuf),
}

impl Place {
    /// Follows links, even to files that don't exist.
    ///
    /// # Errors
    /// If it is a directory, or can't be examined.
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

    /// The number of the descriptor, if it is one.
    pub fn descriptor(&self) -> Option<i32> {
        match self {
            Place::Stdout => Some(1),
            Place::Descriptor(number) => Some(*number),
            Place::Special(_) | Place::File(_) => None,
        }
    }

    /// The identity of the regular file, if it is one.
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Place::File(path) => system::identity(path),
            _ => system::descriptor_identity(self.descriptor()?),
        }
    }
}

/// The identity of an input, if it is a regular file; `-` is standard input.
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

    /// The device and the inode.
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

    /// The directories whose entries are the process's descriptors.
    const DESCRIPTORS: [&str; 3] = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];

    /// The descriptor that a path names.
    pub fn descriptor_number(path: &Path) -> Option<i32> {
        let number = path.file_name()?.to_str()?.parse().ok()?;
        let directory = path.parent()?.canonicalize().ok()?;
        let known = |name: &&&str| Path::new(name).canonicalize().is_ok_and(|known| known == directory);
        DESCRIPTORS.iter().find(known).map(|_| number)
    }

    /// Another descriptor for the same open file, with the same position.
    pub fn descriptor(number: i32) -> io::Result<File> {
        // SAFETY: any number may be passed; nothing else owns the new descriptor.
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

    /// The path with its links resolved.
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
