//! Files of a bundle, and their positions: `fd_read`, `fd_pread`, `fd_seek`, `fd_tell`, `fd_advise`, `fd_sync`,
//! `fd_datasync`.

use super::super::descriptor::{self, Descriptor};
use super::super::file::*;
use super::super::types::{Errno, Result, answer};
use super::get_file;
use super::tree::{Contents, NodeIndex};
use crate::memory::guest;
use crate::sys::file::IoVec;

/// How much there is to read at a position.
fn rest(contents: &'static [u8], position: u64) -> &'static [u8] {
    usize::try_from(position).ok().and_then(|start| contents.get(start..)).unwrap_or_default()
}

/// Copies as much as there is room for.
///
/// # Safety
/// The memory of the pieces may be written, nobody holds references to it, and `rest` isn't in it.
unsafe fn copy(batch: &[IoVec], mut rest: &[u8]) {
    for piece in batch {
        let (copied, left) = rest.split_at_checked(piece.length.min(rest.len())).unwrap_or_default();
        // SAFETY: as the caller promises.
        unsafe { piece.base.copy_from_nonoverlapping(copied.as_ptr(), copied.len()) };
        rest = left;
    }
}

fn room(batch: &[IoVec]) -> usize {
    batch.iter().map(|piece| piece.length).fold(0, usize::saturating_add)
}

/// Runs `action` on an open file; other threads wait.
fn with_file<R>(number: u32, action: impl FnOnce(&mut Descriptor) -> Result<R>) -> Result<R> {
    descriptor::update(number, |file| if file.is_bundled() { action(file) } else { Err(Errno::BADF) })
}

/// Reads at the position, which moves on before anything is copied.
fn read_on(number: u32, iovecs: u32, count: u32, result: u32) -> Result<()> {
    with_iovecs(iovecs, count, result, |batch| {
        let room = room(batch);
        let read = with_file(number, |file| {
            let contents = file.node().ok_or(Errno::BADF)?.get()?.contents();
            let rest = rest(contents, file.next_offset as u64);
            let read = rest.get(..room).unwrap_or(rest);
            file.next_offset += read.len() as i64;
            Ok(read)
        })?;
        // SAFETY: the batch describes guest memory, which nothing refers to.
        unsafe { copy(batch, read) };
        Ok(read.len())
    })
}

/// Reads a file at a place.
///
/// # Safety
/// The memory of the pieces may be written, and nobody holds references to it.
#[inline(always)]
pub unsafe fn read_at(node: NodeIndex, pieces: &[IoVec], position: u64) -> Result<usize> {
    if position > i64::MAX as u64 {
        return Err(Errno::INVAL);
    }
    let rest = rest(node.get()?.contents(), position);
    let read = rest.get(..room(pieces)).unwrap_or(rest);
    // SAFETY: as the caller promises; the contents aren't in that memory.
    unsafe { copy(pieces, read) };
    Ok(read.len())
}

/// `whence`: 0 for the start, 1 for the position, 2 for the end.
pub fn seek(number: u32, offset: i64, whence: u32, result: u32) -> Result<()> {
    let position = with_file(number, |file| {
        let from = match whence {
            0 => 0,
            1 => file.next_offset,
            2 => file.next_cookie.into(),
            _ => return Err(Errno::INVAL),
        };
        let position = from.checked_add(offset).filter(|position| *position >= 0).ok_or(Errno::INVAL)?;
        file.next_offset = position;
        Ok(position)
    })?;
    guest::write_u64(result, position as u64);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_read(fd: u32, iovecs: u32, count: u32, result: u32) -> i32 {
    match get_file(fd) {
        Some(_) => answer(read_on(fd, iovecs, count, result)),
        None => wasm_aot_wasi_fd_read(fd, iovecs, count, result),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_pread(
    fd: u32,
    iovecs: u32,
    count: u32,
    offset: u64,
    result: u32,
) -> i32 {
    match get_file(fd) {
        Some(node) => answer(with_iovecs(iovecs, count, result, |batch| {
            // SAFETY: the batch describes guest memory, which nothing refers to.
            unsafe { read_at(node, batch, offset) }
        })),
        None => wasm_aot_wasi_fd_pread(fd, iovecs, count, offset, result),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_seek(fd: u32, offset: i64, whence: u32, result: u32) -> i32 {
    match get_file(fd) {
        Some(_) => answer(seek(fd, offset, whence, result)),
        None => wasm_aot_wasi_fd_seek(fd, offset, whence, result),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_tell(fd: u32, result: u32) -> i32 {
    match get_file(fd) {
        Some(_) => answer(seek(fd, 0, 1, result)),
        None => wasm_aot_wasi_fd_tell(fd, result),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_advise(fd: u32, offset: u64, length: u64, advice: u32) -> i32 {
    match get_file(fd) {
        // As the host: lengths aren't negative.
        Some(_) if advice > 5 || length > i64::MAX as u64 => answer(Err(Errno::INVAL)),
        Some(_) => 0,
        None => wasm_aot_wasi_fd_advise(fd, offset, length, advice),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_sync(fd: u32) -> i32 {
    if get_file(fd).is_some() { 0 } else { wasm_aot_wasi_fd_sync(fd) }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_datasync(fd: u32) -> i32 {
    if get_file(fd).is_some() { 0 } else { wasm_aot_wasi_fd_datasync(fd) }
}
