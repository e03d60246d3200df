//! What files and directories of a bundle are: `fd_fdstat_get`, `fd_fdstat_set_flags`, `fd_filestat_get`,
//! `path_filestat_get`, `path_readlink`.

use core::mem::MaybeUninit;

use super::super::descriptor::{self, Descriptor};
use super::super::dir_entries;
use super::super::fdstat::{wasm_aot_wasi_fd_fdstat_get, wasm_aot_wasi_fd_fdstat_set_flags};
use super::super::files::{Host, Name, PathArgument, Tree, names, status};
use super::super::filestat::{Write, path_get, wasm_aot_wasi_fd_filestat_get};
use super::super::path::{GuestName, PathBuffer};
use super::super::types::{
    Errno, Fdstat, Filetype, Result, answer, check_flags, fdflags, rights, write_filestat,
};
use super::lookup::Place;
use super::tree::Contents;
use super::{Bundles, get_file};
use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::{FileKind, Stat};

pub fn stat(descriptor: &Descriptor) -> Result<Stat> {
    match descriptor.node().filter(|_| !descriptor.has_host()) {
        Some(node) => node.stat(),
        None => status::stat(descriptor),
    }
}

pub fn stat_at(name: impl Name, follow: bool) -> Result<Stat> {
    let directory = name.directory()?;
    if directory.node().is_none() {
        return Host::stat_at(name, follow);
    }
    if directory.has_host() {
        match Host::stat_at(name, follow) {
            Err(Errno::NOENT) => {}
            found => return found,
        }
    }
    let mut buffer = PathBuffer::new();
    let path = name.path().read(&mut buffer)?;
    let place = Place::find(&directory, path.as_c_str(), follow)?;
    match place.parent(&directory).filter(|_| place.on_host) {
        Some(parent) => Ok(dir::stat_name(parent.host, place.name())?),
        None => place.node.ok_or(Errno::NOENT)?.stat(),
    }
}

pub fn read_link(name: impl Name, show: &mut impl FnMut(&[u8])) -> Result<()> {
    let directory = name.directory()?;
    if directory.node().is_none() {
        return Host::read_link(name, show);
    }
    if directory.has_host() {
        match Host::read_link(name, show) {
            Err(Errno::NOENT) => {}
            found => return found,
        }
    }
    let mut buffer = PathBuffer::new();
    let path = name.path().read(&mut buffer)?;
    let place = Place::find(&directory, path.as_c_str(), false)?;
    if let Some(parent) = place.parent(&directory).filter(|_| place.on_host) {
        let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
        return names::show_target(dir::read_link(parent.host, place.name(), &mut buffer)?, show);
    }
    let node = place.node.ok_or(Errno::NOENT)?.get()?;
    if node.file_kind() != FileKind::SymbolicLink {
        return Err(Errno::INVAL);
    }
    names::show_target(node.target(), show)
}

/// The answer of `fd_filestat_get`, if the descriptor stands for a node and nothing else.
pub fn fd_filestat(fd: u32, result: u32, write: Write) -> Option<i32> {
    let descriptor = descriptor::peek(fd).ok().filter(|descriptor| !descriptor.has_host())?;
    let stat = descriptor.node()?.stat();
    Some(answer(stat.map(|stat| write(result, Some(&stat), stat.kind.into()))))
}

/// What `fd_fdstat_get` says of a file of the bundle.
pub fn file_fdstat(fd: u32) -> Option<Fdstat> {
    let file = descriptor::peek(fd).ok().filter(Descriptor::is_bundled)?;
    let rights = rights::ALL & !rights::FD_WRITE;
    Some(Fdstat { filetype: Filetype::RegularFile, flags: file.grant.into(), rights, inheriting: rights })
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
    answer(path_get::<Bundles>(GuestName { fd, path, length }, flags, result, write_filestat))
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
    answer(dir_entries::read_link::<Bundles>(GuestName { fd, path, length }, output, size, result))
}
