//! The functions of preview 0 that differ, in a program with bundles.

use super::super::filestat::path_get;
use super::super::path::GuestName;
use super::super::preview0::*;
use super::super::types::answer;
use super::{Bundles, file, get_file, stat};

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_preview0_fd_fdstat_get(fd: u32, result: u32) -> i32 {
    let Some(stat) = stat::file_fdstat(fd) else { return wasm_aot_preview0_fd_fdstat_get(fd, result) };
    write_fdstat(stat, result);
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_preview0_fd_filestat_get(fd: u32, result: u32) -> i32 {
    let own = stat::fd_filestat(fd, result, write_filestat);
    own.unwrap_or_else(|| wasm_aot_preview0_fd_filestat_get(fd, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_preview0_fd_seek(fd: u32, offset: i64, whence: u32, result: u32) -> i32 {
    match get_file(fd) {
        Some(_) => answer(file::seek(fd, offset, self::whence(whence), result)),
        None => wasm_aot_preview0_fd_seek(fd, offset, whence, result),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_preview0_path_filestat_get(
    fd: u32,
    flags: u32,
    path: u32,
    length: u32,
    result: u32,
) -> i32 {
    answer(path_get::<Bundles>(GuestName { fd, path, length }, flags, result, write_filestat))
}
