//! Reading, writing and positions of open files and standard streams: `fd_read`, `fd_pread`,
//! `fd_write`, `fd_pwrite`, `fd_seek`, `fd_tell`, `fd_close`, `fd_renumber`, `fd_advise`,
//! `fd_allocate`, `fd_sync`, `fd_datasync`. The kernel reads and writes guest memory itself.

use core::mem::MaybeUninit;

use crate::memory::guest;
use crate::sys::file::{self, Advice, IoVec, Position, Whence};

use super::descriptor::{self, Kind, Used};
use super::types::{Errno, Result, answer};

/// How many pieces of memory go to the kernel at once. With more, only the first ones are read or
/// written, which the caller sees from the result.
const BATCH: usize = 64;

/// Runs `transfer` on the host's form of the guest's array of `iovec` or `ciovec` (address and
/// length, 4 bytes each) and writes the number of bytes transferred to `result`.
#[inline]
pub fn with_iovecs(
    iovecs: u32,
    count: u32,
    result: u32,
    transfer: impl FnOnce(&[IoVec]) -> Result<usize>,
) -> Result<()> {
    let mut batch = [const { MaybeUninit::<IoVec>::uninit() }; BATCH];
    // One piece that is empty, if there are no others: emulators (qemu-user) don't look at the descriptor for none.
    batch[0].write(IoVec { base: core::ptr::null_mut(), length: 0 });
    let mut filled = 0;
    for i in 0..u64::from(count) {
        let (pointer, length) = guest::read_pair(u64::from(iovecs) + 8 * i);
        let base = guest::range(pointer, length.into());
        if length == 0 {
            continue;
        }
        let Some(slot) = batch.get_mut(filled) else { break };
        slot.write(IoVec { base, length: length as usize });
        filled += 1;
    }
    // SAFETY: the first slot and the first `filled` slots have been written.
    let batch = unsafe { core::slice::from_raw_parts(batch.as_ptr().cast(), filled.max(1)) };
    let bytes = transfer(batch)?;
    guest::write_u32(result, bytes as u32);
    Ok(())
}

/// The descriptor to read from.
#[inline(always)]
fn source(number: u32, position: Position) -> Result<Used> {
    let descriptor = descriptor::get(number)?;
    match (descriptor.kind, position) {
        (Kind::File, _) | (Kind::Stdin | Kind::Socket, Position::Current) => Ok(descriptor),
        (Kind::Stdin, Position::At(_)) => Err(Errno::SPIPE),
        _ => Err(Errno::BADF),
    }
}

/// The descriptor to write to.
#[inline(always)]
fn sink(number: u32, position: Position) -> Result<Used> {
    let descriptor = descriptor::get(number)?;
    match (descriptor.kind, position) {
        (Kind::File, _) | (Kind::Stdout | Kind::Socket, Position::Current) => Ok(descriptor),
        (Kind::Stdout, Position::At(_)) => Err(Errno::SPIPE),
        _ => Err(Errno::BADF),
    }
}

/// Where to read or write. A constant says which, so that programs that do only one don't have the other's code.
#[inline(always)]
fn position<const AT: bool>(offset: u64) -> Position {
    if AT { Position::At(offset) } else { Position::Current }
}

#[inline(always)]
fn read<const AT: bool>(number: u32, iovecs: u32, count: u32, offset: u64, result: u32) -> Result<()> {
    let position = position::<AT>(offset);
    let source = source(number, position)?;
    with_iovecs(iovecs, count, result, |batch| {
        #[cfg(feature = "libraries")]
        if let Some(read) = crate::library::streams::read(&source, batch) {
            return read;
        }
        // SAFETY: the batch describes guest memory, which nothing refers to.
        Ok(unsafe { file::read(source.host, batch, position) }?)
    })
}

#[inline(always)]
fn write<const AT: bool>(number: u32, iovecs: u32, count: u32, offset: u64, result: u32) -> Result<()> {
    let position = position::<AT>(offset);
    let sink = sink(number, position)?;
    with_iovecs(iovecs, count, result, |batch| {
        #[cfg(feature = "libraries")]
        if let Some(written) = crate::library::streams::write(&sink, batch) {
            return written;
        }
        // SAFETY: the batch describes guest memory.
        Ok(unsafe { file::write(sink.host, batch, position) }?)
    })
}

pub fn seek(number: u32, offset: i64, whence: u32, result: u32) -> Result<()> {
    let whence = match whence {
        0 => Whence::Start,
        1 => Whence::Current,
        2 => Whence::End,
        _ => return Err(Errno::INVAL),
    };
    let descriptor = descriptor::get(number)?;
    if descriptor.is_stream() {
        return Err(Errno::SPIPE);
    }
    if descriptor.kind != Kind::File {
        return Err(Errno::BADF);
    }
    let position = file::seek(descriptor.host, offset, whence)?;
    guest::write_u64(result, position);
    Ok(())
}

fn advise(number: u32, offset: u64, length: u64, advice: u32) -> Result<()> {
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::INVAL),
    };
    Ok(file::advise(descriptor::get_file(number)?.host, offset, length, advice)?)
}

fn sync(number: u32, data_only: bool) -> Result<()> {
    Ok(file::sync(descriptor::get_file(number)?.host, data_only)?)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_read(fd: u32, iovecs: u32, count: u32, result: u32) -> i32 {
    answer(read::<false>(fd, iovecs, count, 0, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_pread(fd: u32, iovecs: u32, count: u32, offset: u64, result: u32) -> i32 {
    answer(read::<true>(fd, iovecs, count, offset, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_write(fd: u32, iovecs: u32, count: u32, result: u32) -> i32 {
    answer(write::<false>(fd, iovecs, count, 0, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_pwrite(fd: u32, iovecs: u32, count: u32, offset: u64, result: u32) -> i32 {
    answer(write::<true>(fd, iovecs, count, offset, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_seek(fd: u32, offset: i64, whence: u32, result: u32) -> i32 {
    answer(seek(fd, offset, whence, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_tell(fd: u32, result: u32) -> i32 {
    answer(seek(fd, 0, 1, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_close(fd: u32) -> i32 {
    answer(descriptor::close(fd))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_renumber(from: u32, to: u32) -> i32 {
    answer(descriptor::renumber(from, to))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_advise(fd: u32, offset: u64, length: u64, advice: u32) -> i32 {
    answer(advise(fd, offset, length, advice))
}

/// Not every host can allocate, so none does.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_allocate(fd: u32, _offset: u64, _length: u64) -> i32 {
    answer(descriptor::get_file(fd).and(Err(Errno::NOTSUP)))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_sync(fd: u32) -> i32 {
    answer(sync(fd, false))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_datasync(fd: u32) -> i32 {
    answer(sync(fd, true))
}
