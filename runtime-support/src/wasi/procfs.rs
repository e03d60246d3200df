//! What a program can reach of procfs, the file system that shows processes. A mistake here is a sandbox escape: by
//! writing to `self/mem` a program would change its own code, and `environ` has what it wasn't granted. So in every
//! grant, wherever a procfs or a part of one is mounted:
//!
//! - The only directory of a procfs that can be opened is its root, so all that belongs to a process is refused,
//!   and so are `sys` and the other directories.
//! - The only files that can be opened are those in the root which every user of the machine may read, such as
//!   `cpuinfo` and `meminfo`, for reading. (`kcore`, which has the memory of all, isn't one of these.)
//!
//! What is of procfs is known by what was opened, not by its path. A file doesn't say which directory it is in, and
//! the numbers of inodes of processes can become those of any file; so the path is walked to the directory of its
//! last name, and while that is held open, the name is opened in it.

use core::ffi::CStr;

use crate::sys::dir;
use crate::sys::file::{self, Fd, FileKind};
use crate::sys::{self, OpenFlags, c_str, procfs};

use super::descriptor::Descriptor;
use super::opened::Opened;
use super::types::{Errno, Result};
use super::walk;

/// Refuses what was opened by a path beneath `directory`, with `flags`, if it is of procfs and not for programs.
pub fn check(directory: &Descriptor, path: &CStr, flags: OpenFlags, opened: Opened) -> Result<Opened> {
    if procfs::contains(opened.fd())? { check_proc(directory, path, flags, opened) } else { Ok(opened) }
}

#[cold]
#[inline(never)]
fn check_proc(directory: &Descriptor, path: &CStr, flags: OpenFlags, opened: Opened) -> Result<Opened> {
    if file::stat(opened.fd())?.kind == FileKind::Directory {
        return if is_root(opened.fd()) { Ok(opened) } else { Err(Errno::ACCES) };
    }
    if flags
        .intersects(OpenFlags::WRITE_ONLY | OpenFlags::READ_WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE)
    {
        return Err(Errno::ACCES);
    }
    walk::at_name_beneath(directory, path, !flags.intersects(OpenFlags::NO_FOLLOW), |parent, name| {
        if !is_in_procfs_root(parent) {
            return Err(REFUSED);
        }
        let again = Opened::new(dir::open(parent, name, flags | OpenFlags::NO_FOLLOW)?);
        // To be asked about, all in the root can be opened.
        let allowed = flags.intersects(OpenFlags::PATH) || procfs::is_public(again.fd())?;
        if allowed && procfs::contains(again.fd())? { Ok(again) } else { Err(REFUSED) }
    })
}

const REFUSED: sys::Errno = sys::Errno::ACCES;

/// Whether this is a directory of procfs and not the root of one.
pub fn refuses_directory(directory: Fd) -> sys::Result<bool> {
    Ok(procfs::contains(directory)? && !is_root(directory))
}

fn is_in_procfs_root(directory: Fd) -> bool {
    procfs::contains(directory) == Ok(true) && is_root(directory)
}

/// Whether a directory of procfs is the root of one. That always has this link; no other directory has: their names
/// are numbers and words of the kernel, and what has names of others (network interfaces) isn't a link.
fn is_root(directory: Fd) -> bool {
    let status = dir::stat_name(directory, c_str::from_buffer(&SELF));
    status.is_ok_and(|status| status.kind == FileKind::SymbolicLink)
}

/// Not a literal: see `grants::NULL_DEVICE`.
static SELF: [u8; 5] = *b"self\0";
