//! Opening paths beneath a directory. A mistake here is a sandbox escape. Whatever the path and
//! however others rename and link at the same time, what is opened was beneath the directory when
//! its last component was looked up; a path that leads out gives `PERM`. What shows processes is refused, see
//! `procfs`.
//!
//! Linux does that with one system call, `openat2`. Where that is missing (kernels before 5.6,
//! qemu-user) or filtered, `walk` does it component by component.

use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::sys::dir;
use crate::sys::file::{self, Fd, Stat};
use crate::sys::{self, Errno as HostErrno, OpenFlags};

use super::descriptor::Descriptor;
use super::opened::Opened;
use super::procfs;
use super::types::Result;
use super::walk::{self, escape};

/// How often a look-up is repeated because somebody renamed something meanwhile.
const ATTEMPTS: u32 = 4;

/// Set once `openat2` has turned out to be missing.
static MISSING: AtomicBool = AtomicBool::new(false);

/// Opens a path beneath `directory` with these flags.
#[inline(never)]
pub fn open(directory: &Descriptor, path: &CStr, flags: OpenFlags) -> Result<Opened> {
    match open_on_host(directory.host, path, flags) {
        Ok(fd) => procfs::check(directory, path, flags, Opened::new(fd)),
        Err(error) => Err(escape(error)),
    }
}

fn open_on_host(directory: Fd, path: &CStr, flags: OpenFlags) -> sys::Result<Fd> {
    if !MISSING.load(Ordering::Relaxed) {
        for _ in 0..ATTEMPTS {
            match dir::open_beneath(directory, path, flags) {
                Err(HostErrno::AGAIN) => {}
                Err(HostErrno::NOSYS) => {
                    MISSING.store(true, Ordering::Relaxed);
                    break;
                }
                // What filters of system calls say; the walk says the same if it's about the file.
                Err(HostErrno::PERM) => break,
                other => return other,
            }
        }
    }
    walk::open(directory, path, flags)
}

/// The status of what a path beneath `directory` stands for; `follow`: not of a link.
#[inline]
pub fn stat(directory: &Descriptor, path: &CStr, follow: bool) -> Result<Stat> {
    if dir::OPENS_PATHS {
        let flags = if follow { OpenFlags::PATH } else { OpenFlags::PATH | OpenFlags::NO_FOLLOW };
        return Ok(file::stat(open(directory, path, flags)?.fd())?);
    }
    walk::at_name_beneath(directory, path, follow, dir::stat_name)
}

/// A directory to use a name in: another one beneath a descriptor, or the descriptor itself.
pub struct Parent {
    opened: Option<Opened>,
    own: Fd,
}

impl Parent {
    pub fn open(directory: &Descriptor, path: Option<&CStr>) -> Result<Parent> {
        let opened = match path {
            Some(path) => Some(open(directory, path, OpenFlags::PATH | OpenFlags::DIRECTORY)?),
            None => None,
        };
        Ok(Parent { opened, own: directory.host })
    }

    pub fn fd(&self) -> Fd {
        self.opened.as_ref().map_or(self.own, Opened::fd)
    }
}
