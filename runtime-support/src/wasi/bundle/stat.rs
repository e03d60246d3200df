//! What files and directories of a bundle are: `fd_fdstat_get`, `fd_fdstat_set_flags`, `fd_filestat_get`,
//! `path_filestat_get`, `path_readlink`.

use core::mem::MaybeUninit;

use super::super::descriptor::{self, Descriptor};
use super::super::dir_entries::{wasm_aot_wasi_path_readlink, write_target};
use super::super::fdstat::{wasm_aot_wasi_fd_fdstat_get, wasm_aot_wasi_fd_fdstat_set_flags};
use super::super::filestat::{Write, wasm_aot_wasi_fd_filestat_get, wasm_aot_wasi_path_filestat_get};
use super::super::path::PathBuffer;
use super::super::types::{
    Errno, Fdstat, Filetype, Result, answer, check_flags, fdflags, lookupflags, rights, write_filestat,
};
use super::lookup::Place;
use super::tree::Contents;
use super::{get_directory, get_file, is_missing};
use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::FileKind;

/// The status of what a path leads to in the bundle and the directory over it.
fn path_stat(start: &Descriptor, flags: u32, path: (u32, u32), result: u32, write: Write) -> Result<()> {
    check_flags(flags, lookupflags::ALL)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path.0, path.1)?;
    let place = Place::find(start, path.as_c_str(), flags & lookupflags::SYMLINK_FOLLOW != 0)?;
    let stat = match place.parent(start).filter(|_| place.on_host) {
        Some(parent) => dir::stat_name(parent.host, place.name())?,
        None => place.node.ok_or(Errno::NOENT)?.stat()?,
    };
    write(result, Some(&stat), stat.kind.into());
    Ok(())
}

/// The answer of `fd_filestat_get`, if the descriptor stands for a node and nothing else.
pub fn fd_filestat(fd: u32, result: u32, write: Write) -> Option<i32> {
    let descriptor = descriptor::peek(fd).ok().filter(|descriptor| !descriptor.has_host())?;
    let stat = descriptor.node()?.stat();
    Some(answer(stat.map(|stat| write(result, Some(&stat), stat.kind.into()))))
}

/// The answer of `path_filestat_get`; `on_host`: without bundles.
pub fn path_filestat(
    fd: u32,
    flags: u32,
    path: (u32, u32),
    result: u32,
    write: Write,
    on_host: impl FnOnce() -> i32,
) -> i32 {
    let Some((directory, _)) = get_directory(fd) else { return on_host() };
    if directory.has_host() {
        let found = on_host();
        if !is_missing(found) {
            return found;
        }
    }
    answer(path_stat(&directory, flags, path, result, write))
}

/// What `fd_fdstat_get` says of a file of the bundle.
pub fn file_fdstat(fd: u32) -> Option<Fdstat> {
    let file = descriptor::peek(fd).ok().filter(Descriptor::is_bundled)?;
    let rights = rights::ALL & !rights::FD_WRITE;
    Some(Fdstat { filetype: Filetype::RegularFile, flags: file.grant.into(), rights, inheriting: rights })
}

fn read_link(start: &Descriptor, path: (u32, u32), output: u32, size: u32, result: u32) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path.0, path.1)?;
    let place = Place::find(start, path.as_c_str(), false)?;
    if let Some(parent) = place.parent(start).filter(|_| place.on_host) {
        let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
        return write_target(dir::read_link(parent.host, place.name(), &mut buffer)?, output, size, result);
    }
    let node = place.node.ok_or(Errno::NOENT)?.get()?;
    if node.file_kind() != FileKind::SymbolicLink {
        return Err(Errno::INVAL);
    }
    write_target(node.target(), output, size, result)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_fdstat_get(fd: u32, result: u32) -> i32 {
    let Some(stat) = file_fdstat(fd) else { return wasm_aot_wasi_fd_fdstat_get(fd, result) };
    stat.write(result);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_fdstat_set_flags(fd: u32, flags: u32) -> i32 {
    if get_file(fd).is_none() {
        return wasm_aot_wasi_fd_fdstat_set_flags(fd, flags);
    }
    answer(check_flags(flags, fdflags::APPEND | fdflags::NONBLOCK).and_then(|()| {
        descriptor::update(fd, |file| {
            if !file.is_bundled() {
                return Err(Errno::BADF);
            }
            file.grant = flags as u16;
            Ok(())
        })
    }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_filestat_get(fd: u32, result: u32) -> i32 {
    fd_filestat(fd, result, write_filestat).unwrap_or_else(|| wasm_aot_wasi_fd_filestat_get(fd, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_filestat_get(
    fd: u32,
    flags: u32,
    path: u32,
    length: u32,
    result: u32,
) -> i32 {
    let on_host = || wasm_aot_wasi_path_filestat_get(fd, flags, path, length, result);
    path_filestat(fd, flags, (path, length), result, write_filestat, on_host)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_readlink(
    fd: u32,
    path: u32,
    length: u32,
    output: u32,
    size: u32,
    result: u32,
) -> i32 {
    let on_host = || wasm_aot_wasi_path_readlink(fd, path, length, output, size, result);
    let Some((directory, _)) = get_directory(fd) else { return on_host() };
    if directory.has_host() {
        let found = on_host();
        if !is_missing(found) {
            return found;
        }
    }
    answer(read_link(&directory, (path, length), output, size, result))
}
