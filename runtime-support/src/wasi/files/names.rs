//! Making, removing and renaming names. Each operation opens the directory of the name beneath the program's and then uses
//! the name, which the host doesn't follow if it is a link.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::sys;
use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::Fd;

use super::super::descriptor::Descriptor;
use super::super::path::{self, PathBuffer, TrailingSlashes};
use super::super::resolve::Parent;
use super::super::types::{Errno, Result};
use super::{Name, PathArgument};

/// Runs `action` on the directory and the name that a path stands for.
#[inline(never)]
fn at_name(
    directory: &Descriptor,
    path: impl PathArgument,
    slashes: TrailingSlashes,
    action: &mut dyn FnMut(Fd, &CStr) -> sys::Result<()>,
) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let path = path.read(&mut buffer)?;
    directory.check_writable()?;
    let (parent, name) = path.split(slashes)?;
    let parent = Parent::open(directory, parent)?;
    Ok(action(parent.fd(), name)?)
}

/// Runs `action` on what two paths stand for.
fn at_names<N: Name>(
    from: N,
    to: N,
    follow: bool,
    (from_slashes, to_slashes): (TrailingSlashes, TrailingSlashes),
    action: fn(Fd, &CStr, Fd, &CStr) -> sys::Result<()>,
) -> Result<()> {
    let from_directory = from.directory()?;
    let to_directory = to.directory()?;
    let (mut from_buffer, mut to_buffer) = (PathBuffer::new(), PathBuffer::new());
    let from_path = from.path().read(&mut from_buffer)?;
    let to_path = to.path().read(&mut to_buffer)?;
    from_directory.check_writable()?;
    to_directory.check_writable()?;
    // Links are never followed.
    if follow {
        return Err(Errno::INVAL);
    }
    let (from_parent, from_name) = from_path.split(from_slashes)?;
    let from_parent = Parent::open(&from_directory, from_parent)?;
    let (to_parent, to_name) = to_path.split(to_slashes)?;
    let to_parent = Parent::open(&to_directory, to_parent)?;
    Ok(action(from_parent.fd(), from_name, to_parent.fd(), to_name)?)
}

#[inline(always)]
pub fn create_directory(name: impl Name) -> Result<()> {
    let directory = name.directory()?;
    at_name(&directory, name.path(), TrailingSlashes::Ignored, &mut dir::make_directory)
}

/// Removes the name of a directory, or of anything else.
#[inline(always)]
pub fn remove(name: impl Name, is_directory: bool) -> Result<()> {
    let directory = name.directory()?;
    // With them, the name of a directory means the same.
    let slashes = if is_directory { TrailingSlashes::Ignored } else { TrailingSlashes::Kept };
    let mut action = |parent, name: &CStr| dir::remove(parent, name, is_directory);
    at_name(&directory, name.path(), slashes, &mut action)
}

#[inline(always)]
pub fn symlink(target: impl PathArgument, name: impl Name) -> Result<()> {
    let directory = name.directory()?;
    let mut buffer = PathBuffer::new();
    let target = target.read(&mut buffer)?;
    // It could not be followed here, and elsewhere it would lead programs astray.
    if target.is_absolute() {
        return Err(Errno::PERM);
    }
    let mut action = |parent, name: &CStr| dir::make_symlink(target.as_c_str(), parent, name);
    at_name(&directory, name.path(), TrailingSlashes::Kept, &mut action)
}

/// Asking to follow links is `INVAL`, as in wasmtime.
#[inline(always)]
pub fn link<N: Name>(from: N, follow: bool, to: N) -> Result<()> {
    // The host would follow a link with slashes to what it leads to, but not what is to be made.
    at_names(from, to, follow, (TrailingSlashes::Directory, TrailingSlashes::Kept), dir::link)
}

#[inline(always)]
pub fn rename<N: Name>(from: N, to: N) -> Result<()> {
    at_names(from, to, false, (TrailingSlashes::Kept, TrailingSlashes::Kept), dir::rename)
}

/// Shows the target of a link.
#[inline]
pub fn read_link(name: impl Name, show: &mut impl FnMut(&[u8])) -> Result<()> {
    let directory = name.directory()?;
    let mut buffer = PathBuffer::new();
    let (parent, name) = name.path().read(&mut buffer)?.split(TrailingSlashes::Directory)?;
    let parent = Parent::open(&directory, parent)?;
    let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
    show_target(dir::read_link(parent.fd(), name, &mut buffer)?, show)
}

/// Shows this target of a link, if the program may see it.
pub fn show_target(target: &[u8], show: &mut impl FnMut(&[u8])) -> Result<()> {
    if core::str::from_utf8(target).is_err() {
        return Err(Errno::ILSEQ);
    }
    // The guest couldn't follow it, and learns nothing of where the host has its files.
    if path::is_absolute(target) {
        return Err(Errno::PERM);
    }
    show(target);
    Ok(())
}
