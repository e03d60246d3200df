//! Making, removing and renaming names: `path_create_directory`, `path_remove_directory`,
//! `path_unlink_file`, `path_rename`, `path_link`, `path_symlink`, `path_readlink`.

use crate::memory::guest;

use super::files::{Host, Tree};
use super::path::{GuestName, GuestPath};
use super::types::{Result, answer};

/// Tells the guest the target of a link, as much of it as fits.
#[inline]
pub fn read_link<T: Tree>(name: GuestName, output: u32, size: u32, result: u32) -> Result<()> {
    T::read_link(name, &mut |target| {
        let target = target.get(..size as usize).unwrap_or(target);
        guest::copy_to(output, target);
        guest::write_u32(result, target.len() as u32);
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_create_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(Host::create_directory(GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_remove_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(Host::remove_directory(GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_unlink_file(fd: u32, path: u32, length: u32) -> i32 {
    answer(Host::unlink(GuestName { fd, path, length }))
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
    let from = GuestName { fd: from, path: from_path, length: from_length };
    let to = GuestName { fd: to, path: to_path, length: to_length };
    answer(Host::rename(from, to))
}

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
    let from = GuestName { fd: from, path: from_path, length: from_length };
    let to = GuestName { fd: to, path: to_path, length: to_length };
    answer(Host::link(from, flags != 0, to))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_symlink(
    target: u32,
    target_length: u32,
    fd: u32,
    path: u32,
    length: u32,
) -> i32 {
    let target = GuestPath { pointer: target, length: target_length };
    answer(Host::symlink(target, GuestName { fd, path, length }))
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
    answer(read_link::<Host>(GuestName { fd, path, length }, output, size, result))
}
