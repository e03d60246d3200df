//! Making, removing and renaming names: `path_create_directory`, `path_remove_directory`,
//! `path_unlink_file`, `path_rename`, `path_link`, `path_symlink`, `path_readlink`. Each opens the
//! directory of the name beneath the guest's and then uses the name, which the host doesn't
//! follow if it is a link.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::memory::guest;
use crate::sys;
use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::Fd;

use super::descriptor::{self, Descriptor};
use super::path::{PathBuffer, TrailingSlashes};
use super::resolve::Parent;
use super::types::{Errno, Result, answer, check_flags};

/// Runs `action` on the directory and the name that a path stands for.
#[inline(never)]
fn at_name(
    directory: &Descriptor,
    pointer: u32,
    length: u32,
    slashes: TrailingSlashes,
    action: &mut dyn FnMut(Fd, &CStr) -> sys::Result<()>,
) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let path = buffer.read(pointer, length)?;
    directory.check_writable()?;
    let (parent, name) = path.split(slashes)?;
    let parent = Parent::open(directory, parent)?;
    Ok(action(parent.fd(), name)?)
}

/// Runs `action` on what two paths stand for.
fn at_names(
    (from, from_path, from_length): (u32, u32, u32),
    (to, to_path, to_length): (u32, u32, u32),
    lookup: u32,
    (from_slashes, to_slashes): (TrailingSlashes, TrailingSlashes),
    action: fn(Fd, &CStr, Fd, &CStr) -> sys::Result<()>,
) -> Result<()> {
    let from = descriptor::get_directory(from)?;
    let to = descriptor::get_directory(to)?;
    let (mut from_buffer, mut to_buffer) = (PathBuffer::new(), PathBuffer::new());
    let from_path = from_buffer.read(from_path, from_length)?;
    let to_path = to_buffer.read(to_path, to_length)?;
    from.check_writable()?;
    to.check_writable()?;
    // Links are never followed.
    check_flags(lookup, 0)?;
    let (from_parent, from_name) = from_path.split(from_slashes)?;
    let from_parent = Parent::open(&from, from_parent)?;
    let (to_parent, to_name) = to_path.split(to_slashes)?;
    let to_parent = Parent::open(&to, to_parent)?;
    Ok(action(from_parent.fd(), from_name, to_parent.fd(), to_name)?)
}

fn create_directory(fd: u32, path: u32, length: u32) -> Result<()> {
    let directory = descriptor::get_directory(fd)?;
    at_name(&directory, path, length, TrailingSlashes::Ignored, &mut dir::make_directory)
}

fn remove(fd: u32, path: u32, length: u32, is_directory: bool) -> Result<()> {
    let directory = descriptor::get_directory(fd)?;
    // With them, the name of a directory means the same.
    let slashes = if is_directory { TrailingSlashes::Ignored } else { TrailingSlashes::Kept };
    let mut action = |parent, name: &CStr| dir::remove(parent, name, is_directory);
    at_name(&directory, path, length, slashes, &mut action)
}

fn symlink(target: u32, target_length: u32, fd: u32, path: u32, length: u32) -> Result<()> {
    let directory = descriptor::get_directory(fd)?;
    let mut buffer = PathBuffer::new();
    let target = buffer.read(target, target_length)?;
    directory.check_writable()?;
    // It could not be followed here, and elsewhere it would lead programs astray.
    if target.is_absolute() {
        return Err(Errno::PERM);
    }
    let mut action = |parent, name: &CStr| dir::make_symlink(target.as_c_str(), parent, name);
    at_name(&directory, path, length, TrailingSlashes::Kept, &mut action)
}

fn read_link(fd: u32, path: (u32, u32), output: u32, size: u32, result: u32) -> Result<()> {
    let directory = descriptor::get_directory(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path.0, path.1)?;
    let (parent, name) = path.split(TrailingSlashes::Directory)?;
    let parent = Parent::open(&directory, parent)?;
    let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
    let target = dir::read_link(parent.fd(), name, &mut buffer)?;
    write_target(target, output, size, result)
}

/// Tells the guest the target of a link, as much of it as fits.
pub fn write_target(target: &[u8], output: u32, size: u32, result: u32) -> Result<()> {
    if core::str::from_utf8(target).is_err() {
        return Err(Errno::ILSEQ);
    }
    // The guest couldn't follow it, and learns nothing of where the host has its files.
    if target.starts_with(b"/") {
        return Err(Errno::PERM);
    }
    let target = target.get(..size as usize).unwrap_or(target);
    guest::copy_to(output, target);
    guest::write_u32(result, target.len() as u32);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_create_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(create_directory(fd, path, length))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_remove_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(remove(fd, path, length, true))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_unlink_file(fd: u32, path: u32, length: u32) -> i32 {
    answer(remove(fd, path, length, false))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_rename(
    from: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let (from, to) = ((from, from_path, from_length), (to, to_path, to_length));
    answer(at_names(from, to, 0, (TrailingSlashes::Kept, TrailingSlashes::Kept), dir::rename))
}

/// Asking to follow links is `INVAL`, as in wasmtime.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_link(
    from: u32,
    flags: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let (from, to) = ((from, from_path, from_length), (to, to_path, to_length));
    // The host would follow a link with slashes to what it leads to, but not what is to be made.
    answer(at_names(from, to, flags, (TrailingSlashes::Directory, TrailingSlashes::Kept), dir::link))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_symlink(
    target: u32,
    target_length: u32,
    fd: u32,
    path: u32,
    length: u32,
) -> i32 {
    answer(symlink(target, target_length, fd, path, length))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_readlink(
    fd: u32,
    path: u32,
    length: u32,
    output: u32,
    size: u32,
    result: u32,
) -> i32 {
    answer(read_link(fd, (path, length), output, size, result))
}
