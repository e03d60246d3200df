//! WASI preview 0 (`wasi_unstable`), as far as it differs from preview 1: the numbers of `whence`, the
//! count of links in `filestat`, which is shorter, an identifier in the subscription of a clock, and no
//! right to accept connections. Everything else is the same, and so are the functions.

use crate::memory::guest;
use crate::sys::file::Stat;

use super::fdstat::fdstat;
use super::files::Host;
use super::path::GuestName;
use super::types::{Fdstat, Filetype, answer, put, rights};
use super::{descriptor, file, filestat, poll};

/// `filestat`: 56 bytes.
pub fn write_filestat(pointer: u32, stat: Option<&Stat>, filetype: Filetype) {
    let mut bytes = [0; 56];
    put(&mut bytes, 16, [filetype as u8]);
    if let Some(stat) = stat {
        put(&mut bytes, 0, stat.device.to_le_bytes());
        put(&mut bytes, 8, stat.inode.to_le_bytes());
        put(&mut bytes, 20, stat.links.to_le_bytes());
        put(&mut bytes, 24, stat.size.to_le_bytes());
        put(&mut bytes, 32, stat.accessed.to_le_bytes());
        put(&mut bytes, 40, stat.modified.to_le_bytes());
        put(&mut bytes, 48, stat.changed.to_le_bytes());
    }
    guest::write(pointer, 8, bytes);
}

pub fn write_fdstat(mut stat: Fdstat, pointer: u32) {
    stat.rights &= !rights::SOCK_ACCEPT;
    stat.inheriting &= !rights::SOCK_ACCEPT;
    stat.write(pointer);
}

/// The number of preview 1: from the start, from the position, from the end.
pub fn whence(number: u32) -> u32 {
    match number {
        0 => 1,
        1 => 2,
        2 => 0,
        invalid => invalid,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_preview0_fd_fdstat_get(fd: u32, result: u32) -> i32 {
    let stat = descriptor::get(fd).and_then(|descriptor| fdstat(&descriptor));
    answer(stat.map(|stat| write_fdstat(stat, result)))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_preview0_fd_seek(fd: u32, offset: i64, whence: u32, result: u32) -> i32 {
    answer(file::seek(fd, offset, self::whence(whence), result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_preview0_fd_filestat_get(fd: u32, result: u32) -> i32 {
    answer(filestat::fd_get(fd, result, write_filestat))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_preview0_path_filestat_get(
    fd: u32,
    flags: u32,
    path: u32,
    length: u32,
    result: u32,
) -> i32 {
    answer(filestat::path_get::<Host>(GuestName { fd, path, length }, flags, result, write_filestat))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_preview0_poll_oneoff(
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> i32 {
    answer(poll::poll_oneoff::<7, 3>(subscriptions, events, count, result))
}
