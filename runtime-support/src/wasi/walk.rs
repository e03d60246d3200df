//! The slow way to open a path beneath a directory, for hosts without `openat2`. A mistake here is
//! a sandbox escape.
//!
//! One component is looked up at a time, never following a symbolic link: the directories on the
//! way are held open, `..` goes back to the one before, and the target of a link takes the link's
//! place in the path. So no name is ever looked up but in a directory that was reached from the
//! start by going down, and nobody who renames things meanwhile can lead it elsewhere.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::{self, Fd, FileKind};
use crate::sys::{Errno, OpenFlags, Result, c_str};

use super::descriptor::Descriptor;
use super::opened::Opened;
use super::path::is_absolute;
use super::types;

/// The error of a path that leads out of its directory.
pub const ESCAPE: Errno = Errno::XDEV;

/// The guest's error for one of a look-up.
pub fn escape(error: Errno) -> types::Errno {
    if error == ESCAPE { types::Errno::PERM } else { error.into() }
}

/// How many symbolic links a path may go through, as on Linux.
pub const MAX_LINKS: u32 = 40;
/// How deep a path may go, in directories that are open at the same time.
pub const MAX_DEPTH: usize = 256;
/// Bytes of the longest name, and its terminator.
pub const NAME_SIZE: usize = 256;

/// Opens a path beneath `directory` with these flags.
#[cold]
#[inline(never)]
pub fn open(directory: Fd, path: &CStr, flags: OpenFlags) -> Result<Fd> {
    walk(directory, path, flags.intersects(OpenFlags::CREATE), |current, name| {
        open_last(current, name, flags)
    })
}

/// Runs `action` on the directory and the last name of a path; `follow`: that name isn't one of a link, unless
/// somebody makes it one meanwhile, so the action may not follow it either.
fn at_name<T>(
    directory: Fd,
    path: &CStr,
    follow: bool,
    mut action: impl FnMut(Fd, &CStr) -> Result<T>,
) -> Result<T> {
    walk(directory, path, false, |current, name| match follow && is_link(current, name) {
        true => Err(Stop::Link),
        false => Ok(action(current, name)?),
    })
}

/// As [`at_name`], for a path of the guest beneath `directory`.
pub fn at_name_beneath<T>(
    directory: &Descriptor,
    path: &CStr,
    follow: bool,
    action: impl FnMut(Fd, &CStr) -> Result<T>,
) -> types::Result<T> {
    at_name(directory.host, path, follow, action).map_err(escape)
}

/// Walks to the last name of a path, and runs `last` on its directory and it. If the path ends in `/`, `.` or `..`,
/// that name is `.`. `creates`: the name may be one of nothing yet, and becomes one of a file.
#[inline(always)]
fn walk<T>(
    directory: Fd,
    path: &CStr,
    creates: bool,
    mut last: impl FnMut(Fd, &CStr) -> core::result::Result<T, Stop>,
) -> Result<T> {
    let mut pending = Pending::new(path.to_bytes())?;
    let mut below = Below { fds: [0; MAX_DEPTH], depth: 0 };
    let mut links = MAX_LINKS;
    if path.is_empty() {
        return Err(Errno::NOENT);
    }
    loop {
        let mut buffer = [0; NAME_SIZE];
        let Some(component) = pending.next(&mut buffer)? else { break };
        let current = below.current(directory);
        let opened = match component.name.to_bytes() {
            b"." => continue,
            b".." => {
                below.pop()?;
                continue;
            }
            _ if component.is_last => match last(current, component.name) {
                Ok(result) => return Ok(result),
                Err(stop) => Err(stop),
            },
            // What is created is no directory.
            _ if creates && pending.is_slashes() => return Err(Errno::ISDIR),
            _ => open_directory(current, component.name),
        };
        match opened {
            Err(Stop::Link) => {
                links = links.checked_sub(1).ok_or(Errno::LOOP)?;
                pending.expand(current, component.name)?;
            }
            Err(Stop::Error(error)) => return Err(error),
            Ok(fd) => below.push(fd)?,
        }
    }
    Ok(last(below.current(directory), c".")?)
}

/// Why a component was not opened.
pub enum Stop {
    /// It is a symbolic link that must be followed.
    Link,
    Error(Errno),
}

impl From<Errno> for Stop {
    fn from(error: Errno) -> Stop {
        Stop::Error(error)
    }
}

/// For whoever knows that there is no link, unless somebody has just made one.
impl From<Stop> for Errno {
    fn from(stop: Stop) -> Errno {
        match stop {
            Stop::Link => Errno::LOOP,
            Stop::Error(error) => error,
        }
    }
}

/// Opens a component that others follow.
pub fn open_directory(current: Fd, name: &CStr) -> core::result::Result<Fd, Stop> {
    let opened = match dir::open(current, name, OpenFlags::PATH | OpenFlags::NO_FOLLOW) {
        // Where only directories can be opened so.
        Err(Errno::LOOP | Errno::NOTDIR) if is_link(current, name) => return Err(Stop::Link),
        other => Opened::new(other?),
    };
    match file::stat(opened.fd())?.kind {
        FileKind::Directory => Ok(opened.into_fd()),
        FileKind::SymbolicLink => Err(Stop::Link),
        _ => Err(Stop::Error(Errno::NOTDIR)),
    }
}

/// Opens the last component with the flags of the whole path.
fn open_last(current: Fd, name: &CStr, flags: OpenFlags) -> core::result::Result<Fd, Stop> {
    let follow = !flags.intersects(OpenFlags::NO_FOLLOW);
    match dir::open(current, name, flags | OpenFlags::NO_FOLLOW) {
        // With `OpenFlags::PATH`, the link itself was opened.
        Ok(fd) if follow && flags.intersects(OpenFlags::PATH) => {
            let opened = Opened::new(fd);
            match file::stat(opened.fd())?.kind {
                FileKind::SymbolicLink => Err(Stop::Link),
                _ => Ok(opened.into_fd()),
            }
        }
        // What links give, the latter with `OpenFlags::DIRECTORY`.
        Err(Errno::LOOP | Errno::NOTDIR) if follow && is_link(current, name) => Err(Stop::Link),
        other => Ok(other?),
    }
}

fn is_link(current: Fd, name: &CStr) -> bool {
    dir::stat_name(current, name).is_ok_and(|stat| stat.kind == FileKind::SymbolicLink)
}

/// The directories between the start and where the walk is, outermost first.
struct Below {
    fds: [Fd; MAX_DEPTH],
    depth: usize,
}

impl Below {
    fn current(&self, start: Fd) -> Fd {
        self.depth.checked_sub(1).and_then(|top| self.fds.get(top)).copied().unwrap_or(start)
    }

    fn push(&mut self, fd: Fd) -> Result<()> {
        let Some(slot) = self.fds.get_mut(self.depth) else {
            file::close(fd);
            return Err(Errno::MFILE);
        };
        *slot = fd;
        self.depth += 1;
        Ok(())
    }

    fn pop(&mut self) -> Result<()> {
        self.depth = self.depth.checked_sub(1).ok_or(ESCAPE)?;
        if let Some(&fd) = self.fds.get(self.depth) {
            file::close(fd);
        }
        Ok(())
    }
}

impl Drop for Below {
    fn drop(&mut self) {
        while self.pop().is_ok() {}
    }
}

/// A name and whether nothing at all follows it.
pub struct Component<'a> {
    pub name: &'a CStr,
    pub is_last: bool,
}

/// The part of the path that is still to be looked up, at the end of a buffer, so that the target
/// of a link fits in before it.
pub struct Pending {
    bytes: [MaybeUninit<u8>; PENDING_SIZE],
    start: usize,
}

const PENDING_SIZE: usize = 2 * PATH_MAX as usize;

impl Pending {
    pub fn new(path: &[u8]) -> Result<Pending> {
        let bytes = [const { MaybeUninit::uninit() }; PENDING_SIZE];
        let mut pending = Pending { bytes, start: PENDING_SIZE };
        pending.prepend(path)?;
        Ok(pending)
    }

    /// Puts a path before the rest. The result stays beneath if the path is relative.
    pub fn prepend(&mut self, path: &[u8]) -> Result<()> {
        if is_absolute(path) {
            return Err(ESCAPE);
        }
        let start = self.start.checked_sub(path.len()).ok_or(Errno::NAMETOOLONG)?;
        for (slot, &byte) in self.bytes.iter_mut().skip(start).zip(path) {
            slot.write(byte);
        }
        self.start = start;
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        let rest = self.bytes.get(self.start..).unwrap_or_default();
        // SAFETY: all bytes from `start` on have been written by `prepend`.
        unsafe { rest.assume_init_ref() }
    }

    /// Whether nothing but slashes is left.
    fn is_slashes(&self) -> bool {
        self.rest().iter().all(|&byte| byte == b'/')
    }

    /// Takes the next component, copied to `name`.
    pub fn next<'a>(&mut self, name: &'a mut [u8; NAME_SIZE]) -> Result<Option<Component<'a>>> {
        let rest = self.rest();
        let Some(first) = rest.iter().position(|&byte| byte != b'/') else { return Ok(None) };
        let rest = rest.get(first..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
        let is_last = length == rest.len();
        if length >= NAME_SIZE {
            return Err(Errno::NAMETOOLONG);
        }
        // The rest of `name` is zero.
        name.iter_mut().zip(rest).take(length).for_each(|(to, from)| *to = *from);
        self.start += first + length;
        let name = c_str::from_buffer(name);
        Ok(Some(Component { name, is_last }))
    }

    /// Puts the target of the link that was just taken in its place.
    fn expand(&mut self, directory: Fd, link: &CStr) -> Result<()> {
        let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
        let target = dir::read_link(directory, link, &mut buffer)?;
        if target.len() >= PATH_MAX as usize {
            return Err(Errno::NAMETOOLONG);
        }
        self.prepend(target)
    }
}
