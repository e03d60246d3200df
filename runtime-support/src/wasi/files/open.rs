//! Opening files. Rights beyond reading and writing have no meaning: what a descriptor may do follows from how the host
//! opened the file and from the grant it is beneath.

use core::ffi::CStr;

use crate::sys::OpenFlags;
use crate::sys::file::{self, FileKind};

use super::super::descriptor::{Descriptor, Kind};
use super::super::resolve;
use super::super::types::{Errno, Result, check_flags, fdflags, lookupflags, oflags, rights};

/// How to open: the flags of preview 1. Those of 0.2 have the same numbers, but for the last.
pub struct Options {
    pub lookup: u32,
    pub open: u32,
    pub rights: u64,
    pub descriptor: u32,
}

impl Options {
    pub fn check(&self, inheriting: u64) -> Result<()> {
        check_flags(self.lookup, lookupflags::ALL)?;
        check_flags(self.open, oflags::ALL)?;
        check_flags(self.descriptor, fdflags::ALL)?;
        if (self.rights | inheriting) & !rights::ALL != 0 {
            return Err(Errno::INVAL);
        }
        Ok(())
    }

    pub fn has(&self, flag: u32) -> bool {
        self.open & flag != 0
    }

    /// The host's flags for opening in a directory.
    pub fn host_flags(&self, directory: &Descriptor) -> Result<OpenFlags> {
        let write = self.rights & rights::FD_WRITE != 0;
        let changes = write || self.has(oflags::CREAT | oflags::TRUNC);
        // The host wants one of them; what is opened for neither can be read.
        let reads = !write || self.rights & rights::FD_READ != 0;
        if changes {
            directory.check_writable()?;
        }
        if self.descriptor & (fdflags::SYNC | fdflags::DSYNC | fdflags::RSYNC) != 0 {
            return Err(Errno::NOTSUP);
        }
        if self.has(oflags::DIRECTORY) && self.has(oflags::CREAT | oflags::EXCL | oflags::TRUNC) {
            return Err(Errno::INVAL);
        }
        let mut flags = OpenFlags::NO_CONTROLLING_TERMINAL;
        flags |= match (reads, changes) {
            (true, true) => OpenFlags::READ_WRITE,
            (false, true) => OpenFlags::WRITE_ONLY,
            _ => OpenFlags::READ_ONLY,
        };
        if self.has(oflags::CREAT) {
            flags |= OpenFlags::CREATE;
            if self.has(oflags::EXCL) {
                flags |= OpenFlags::EXCLUSIVE;
            }
        }
        if self.has(oflags::TRUNC) && !flags.intersects(OpenFlags::EXCLUSIVE) {
            flags |= OpenFlags::TRUNCATE;
        }
        // Not `OpenFlags::DIRECTORY`, which gives another error for a link; but don't wait for a pipe.
        if self.descriptor & fdflags::NONBLOCK != 0 || self.has(oflags::DIRECTORY) {
            flags |= OpenFlags::NONBLOCK;
        }
        if self.descriptor & fdflags::APPEND != 0 {
            flags |= OpenFlags::APPEND;
        }
        if self.lookup & lookupflags::SYMLINK_FOLLOW == 0 {
            flags |= OpenFlags::NO_FOLLOW;
        }
        Ok(flags)
    }

    pub fn open(&self, directory: &Descriptor, path: &CStr) -> Result<Descriptor> {
        let opened = resolve::open(directory, path, self.host_flags(directory)?)?;
        let kind = if file::stat(opened.fd())?.kind == FileKind::Directory {
            Kind::Directory
        } else if self.has(oflags::DIRECTORY) {
            return Err(Errno::NOTDIR);
        } else {
            Kind::File
        };
        Ok(Descriptor::new(kind, opened.into_fd(), directory.read_only))
    }
}
