//! `path_open`.

use core::ffi::CStr;

use crate::memory::guest;

use super::descriptor::{self, Descriptor, Kind};
use super::files::open::Options;
use super::files::{Host, Tree};
use super::path::PathBuffer;
use super::types::{Errno, Result, answer};

/// Opens a path with `open` as the guest's next descriptor.
#[inline(always)]
pub fn path_open(
    fd: u32,
    path: (u32, u32),
    result: u32,
    open: impl FnOnce(&Descriptor, &CStr) -> Result<Descriptor>,
) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path.0, path.1)?;
    let directory = descriptor::get(fd)?;
    match directory.kind {
        Kind::Directory | Kind::Grant => {}
        Kind::File | Kind::Bundled => return Err(Errno::NOTDIR),
        _ => return Err(Errno::BADF),
    }
    guest::check_writable(result, 4, 4);
    // A file may be made or lose its contents.
    descriptor::check_room()?;
    let opened = descriptor::add(open(&directory, path.as_c_str())?)?;
    guest::write_u32(result, opened);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_open(
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    open: u32,
    rights: u64,
    inheriting: u64,
    descriptor: u32,
    result: u32,
) -> i32 {
    let options = Options { lookup, open, rights, descriptor };
    let open = |directory: &Descriptor, path: &CStr| Host::open(directory, path, &options);
    let checked = options.check(inheriting);
    answer(checked.and_then(|()| path_open(fd, (path, length), result, open)))
}
