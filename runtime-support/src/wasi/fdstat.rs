//! What a descriptor is and may do: `fd_fdstat_get`, `fd_fdstat_set_flags`,
//! `fd_fdstat_set_rights`, `fd_prestat_get`, `fd_prestat_dir_name`. Rights are reported as wasmtime
//! reports them; what counts is how the host opened the file.

use wasm_aot_abi::policy::DirGrant;

use crate::memory::guest;
use crate::program::bytes;
use crate::sys::file;

use super::descriptor::{self, Descriptor, Kind};
use super::grants;
use super::types::{Errno, Fdstat, Filetype, Result, answer, check_flags, fdflags, rights};

/// The type of a standard stream: preview 1 guests take a character device for a terminal.
pub fn stream_type(stream: &Descriptor) -> Filetype {
    if file::is_terminal(stream.host) { Filetype::CharacterDevice } else { Filetype::Unknown }
}

pub fn fdstat(descriptor: &Descriptor) -> Result<Fdstat> {
    let plain = |filetype, rights, inheriting| Ok(Fdstat { filetype, flags: 0, rights, inheriting });
    match descriptor.kind {
        Kind::Stdin => plain(stream_type(descriptor), rights::FD_READ, rights::FD_READ),
        Kind::Stdout => plain(stream_type(descriptor), rights::FD_WRITE, rights::FD_WRITE),
        Kind::Grant => plain(Filetype::Directory, rights::GRANT, rights::GRANT_INHERITING),
        Kind::Directory => {
            let rights = rights::ALL
                & !rights::FD_SEEK
                & !rights::FD_FILESTAT_SET_SIZE
                & !rights::PATH_FILESTAT_SET_SIZE
                & !rights::FD_WRITE;
            plain(Filetype::Directory, rights, rights)
        }
        _ => file_fdstat(descriptor),
    }
}

fn filetype(descriptor: &Descriptor) -> Result<Filetype> {
    if descriptor.is_socket() {
        return Ok(Filetype::SocketStream);
    }
    Ok(file::stat(descriptor.host)?.kind.into())
}

fn file_fdstat(descriptor: &Descriptor) -> Result<Fdstat> {
    let mode = file::open_mode(descriptor.host)?;
    let filetype = filetype(descriptor)?;
    let mut rights = rights::ALL;
    if !mode.read {
        rights &= !(rights::FD_READ | rights::FD_READDIR);
    }
    if !mode.write {
        rights &= !rights::FD_WRITE;
    }
    let mut flags = 0;
    if mode.append {
        flags |= fdflags::APPEND;
    }
    if mode.nonblock {
        flags |= fdflags::NONBLOCK;
    }
    Ok(Fdstat { filetype, flags, rights, inheriting: rights })
}

fn set_flags(number: u32, flags: u32) -> Result<()> {
    check_flags(flags, fdflags::ALL)?;
    descriptor::get(number)?;
    descriptor::update(number, |descriptor| {
        match descriptor.kind {
            // How far writes get before they return can't be changed after opening.
            Kind::File => check_flags(flags, fdflags::APPEND | fdflags::NONBLOCK)?,
            Kind::Listener | Kind::Socket => check_flags(flags, fdflags::NONBLOCK)?,
            _ => return Err(Errno::BADF),
        }
        let (append, nonblock) = (flags & fdflags::APPEND != 0, flags & fdflags::NONBLOCK != 0);
        Ok(file::set_open_mode(&mut descriptor.host, append, nonblock)?)
    })
}

fn set_rights(number: u32) -> Result<()> {
    if descriptor::get(number)?.is_stream() { Err(Errno::BADF) } else { Err(Errno::NOTSUP) }
}

/// The grant behind a descriptor, or `otherwise`.
fn grant(number: u32, otherwise: Errno) -> Result<DirGrant> {
    let descriptor = descriptor::get(number)?;
    if descriptor.kind != Kind::Grant {
        return Err(otherwise);
    }
    grants::get(descriptor.grant).ok_or(otherwise)
}

/// Libraries ask for each descriptor from 3 on, until there is none, to find the directories. So that
/// they get past the listeners, those have a tag that stands for nothing else.
fn prestat(number: u32, result: u32) -> Result<()> {
    let (tag, length) = match descriptor::get(number)?.kind {
        Kind::Listener => (1, 0),
        _ => (0, grant(number, Errno::BADF)?.guest.length as u32),
    };
    let [a, b, c, d] = length.to_le_bytes();
    guest::write(result, 4, [tag, 0, 0, 0, a, b, c, d]);
    Ok(())
}

fn prestat_name(number: u32, buffer: u32, size: u32) -> Result<()> {
    let name = bytes(&grant(number, Errno::NOTDIR)?.guest);
    if name.len() > size as usize {
        return Err(Errno::NAMETOOLONG);
    }
    guest::copy_to(buffer, name);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_fdstat_get(fd: u32, result: u32) -> i32 {
    answer(descriptor::get(fd).and_then(|descriptor| fdstat(&descriptor)).map(|stat| stat.write(result)))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_fdstat_set_flags(fd: u32, flags: u32) -> i32 {
    answer(set_flags(fd, flags))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_fdstat_set_rights(fd: u32, _base: u64, _inheriting: u64) -> i32 {
    answer(set_rights(fd))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_prestat_get(fd: u32, result: u32) -> i32 {
    answer(prestat(fd, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_prestat_dir_name(fd: u32, buffer: u32, size: u32) -> i32 {
    answer(prestat_name(fd, buffer, size))
}
