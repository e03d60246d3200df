//! Paths of the guest: copied out of its memory once, so that they stay what was checked, and
//! divided into the directory that holds a name and the name. Resolution is in `resolve`.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::memory::guest;
use crate::sys::c_str;
use crate::sys::dir::PATH_MAX;

use super::descriptor::{self, Used};
use super::files::{Name, PathArgument};
use super::types::{Errno, Result};

/// Room for a path and its terminator.
pub struct PathBuffer([MaybeUninit<u8>; PATH_MAX as usize]);

impl PathBuffer {
    pub const fn new() -> PathBuffer {
        PathBuffer([const { MaybeUninit::uninit() }; PATH_MAX as usize])
    }

    /// Copies a path from the guest: UTF-8, without NUL bytes, short enough for the host.
    pub fn read(&mut self, pointer: u32, length: u32) -> Result<Path<'_>> {
        guest::range(pointer, length.into());
        let Some(terminator) = self.0.get_mut(length as usize) else { return Err(Errno::NAMETOOLONG) };
        terminator.write(0);
        let bytes = guest::copy_from(pointer, length.into(), &mut self.0);
        if core::str::from_utf8(bytes).is_err() {
            return Err(Errno::ILSEQ);
        }
        // SAFETY: these bytes and the terminator have just been written.
        unsafe { self.path(length as usize) }
    }

    /// Takes a path of UTF-8 that `copy` writes to the front of the buffer, or none if it is too long.
    pub fn fill(&mut self, copy: impl FnOnce(&mut [MaybeUninit<u8>]) -> Option<&[u8]>) -> Result<Path<'_>> {
        let length = copy(&mut self.0).ok_or(Errno::NAMETOOLONG)?.len();
        self.0.get_mut(length).ok_or(Errno::NAMETOOLONG)?.write(0);
        // SAFETY: as above.
        unsafe { self.path(length) }
    }

    /// # Safety
    /// So many bytes and a terminator have been written.
    #[inline(always)]
    unsafe fn path(&mut self, length: usize) -> Result<Path<'_>> {
        let terminated = self.0.get_mut(..=length).unwrap_or_default();
        // SAFETY: as the caller promises.
        let bytes = unsafe { terminated.assume_init_mut() };
        if bytes.get(..length).unwrap_or_default().contains(&0) {
            return Err(Errno::INVAL);
        }
        Ok(Path { bytes })
    }
}

/// A path in the guest's memory.
#[derive(Clone, Copy)]
pub struct GuestPath {
    pub pointer: u32,
    pub length: u32,
}

impl PathArgument for GuestPath {
    #[inline(always)]
    fn read(self, buffer: &mut PathBuffer) -> Result<Path<'_>> {
        buffer.read(self.pointer, self.length)
    }
}

/// A path and the number of its directory.
#[derive(Clone, Copy)]
pub struct GuestName {
    pub fd: u32,
    pub path: u32,
    pub length: u32,
}

impl Name for GuestName {
    type Directory = Used;
    type Path = GuestPath;

    #[inline(always)]
    fn directory(self) -> Result<Used> {
        descriptor::get_directory(self.fd)
    }

    #[inline(always)]
    fn path(self) -> GuestPath {
        GuestPath { pointer: self.path, length: self.length }
    }
}

/// A path: its bytes, none of them NUL, and a NUL.
pub struct Path<'a> {
    bytes: &'a mut [u8],
}

/// What slashes at the end of a path mean for an operation on the path's last name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrailingSlashes {
    /// The directory itself, as if `.` followed.
    Directory,
    /// Nothing.
    Ignored,
    /// They go to the host with the name. Only for what doesn't follow a link even so.
    Kept,
}

impl<'a> Path<'a> {
    pub fn as_c_str(&self) -> &CStr {
        c_str::from_buffer(self.bytes)
    }

    pub fn is_absolute(&self) -> bool {
        is_absolute(self.bytes)
    }

    /// Whether it is one name and not `.` or `..`.
    pub fn is_name(&self) -> bool {
        let bytes = self.as_c_str().to_bytes();
        !matches!(bytes, b"" | b"." | b"..") && !bytes.contains(&b'/')
    }

    /// The path without slashes at its end.
    pub fn without_slashes(self) -> Path<'a> {
        let mut end = self.bytes.len().saturating_sub(1);
        while end > 1 && self.bytes.get(end - 1) == Some(&b'/') {
            end -= 1;
        }
        terminate(self.bytes, end);
        self
    }

    /// Divides the path into the directory, if one is given, and a name in it, which is `.` if
    /// the path doesn't end in a name of its own. The name may be one of a symbolic link.
    pub fn split(self, slashes: TrailingSlashes) -> Result<(Option<&'a CStr>, &'a CStr)> {
        let bytes = self.bytes;
        let mut end = bytes.len().saturating_sub(1);
        if slashes != TrailingSlashes::Directory {
            while end > 1 && bytes.get(end - 1) == Some(&b'/') {
                end -= 1;
            }
        }
        if slashes == TrailingSlashes::Ignored {
            terminate(bytes, end);
        }
        let path = bytes.get(..end).unwrap_or_default();
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        let start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let name = path.get(start..).unwrap_or_default();
        if name.is_empty() || name == b".." || (name == b"." && start > 0) {
            terminate(bytes, end);
            return Ok((Some(c_str::from_buffer(bytes)), c"."));
        }
        if start == 0 {
            return Ok((None, c_str::from_buffer(bytes)));
        }
        if start == 1 {
            // The root, which is not beneath any directory.
            return Err(Errno::PERM);
        }
        terminate(bytes, start - 1);
        let (directory, name) = bytes.split_at_checked(start).ok_or(Errno::INVAL)?;
        Ok((Some(c_str::from_buffer(directory)), c_str::from_buffer(name)))
    }
}

/// Whether a path leads on from the root directory.
#[inline(always)]
pub fn is_absolute(path: &[u8]) -> bool {
    path.first() == Some(&b'/')
}

fn terminate(bytes: &mut [u8], end: usize) {
    if let Some(byte) = bytes.get_mut(end) {
        *byte = 0;
    }
}
