//! Reading and writing files at a place that the call says, and what else concerns their contents.

use wasm_aot_abi::trap::Trap;

use super::super::io::buffer;
use super::answer::{answer, answer_with};
use super::descriptor::{file, is_directory};
use crate::component::Caller;
use crate::fail;
use crate::sys;
use crate::sys::file::{self, Advice, IoVec, Position};
use crate::wasi::descriptor::{Descriptor, Kind, NO_HOST};
use crate::wasi::files::{Host, Tree};
use crate::wasi::types::{Errno, Result};

/// Reads a `list<u8>` and whether it is the end.
#[inline(always)]
pub fn read<T: Tree>(this: u32, length: u64, offset: u64, result: u32, caller: &Caller) {
    let act = || {
        let file = file(this, caller)?;
        // SAFETY: no other call uses it.
        let buffer = unsafe { buffer::take(length) };
        let piece = IoVec { base: buffer.as_mut_ptr(), length: buffer.len() };
        // SAFETY: the piece is the buffer.
        let read = unsafe { T::read(file, &[piece], offset)? };
        Ok(caller.new_list(buffer.get(..read).unwrap_or_default()))
    };
    answer_with(caller, result, (12, 4), act, |fields, at, (pointer, length)| {
        fields.u32(at, pointer);
        fields.u32(at + 4, length);
        fields.u8(at + 8, (length == 0).into());
    });
}

fn write(this: u32, start: *mut u8, length: u32, offset: u64, caller: &Caller) -> Result<u64> {
    let file = file(this, caller)?;
    file.check_writable()?;
    let piece = IoVec { base: start, length: length as usize };
    // SAFETY: the piece is the caller's memory.
    Ok(unsafe { file::write(file.host, &[piece], Position::At(offset)) }? as u64)
}

/// Waits until a file or a directory is on the disk.
fn sync(descriptor: &Descriptor, data_only: bool) -> Result<()> {
    if descriptor.host == NO_HOST {
        return Ok(());
    }
    match file::sync(descriptor.host, data_only) {
        // It was opened to be entered only.
        Err(sys::Errno::BADF) if is_directory(descriptor) => Err(Errno::ACCES),
        outcome => Ok(outcome?),
    }
}

fn advise(file: &Descriptor, offset: u64, length: u64, advice: Advice) -> Result<()> {
    match file.kind {
        // As the host: lengths aren't negative.
        Kind::Bundled if length > i64::MAX as u64 => Err(Errno::INVAL),
        Kind::Bundled => Ok(()),
        _ => Ok(file::advise(file.host, offset, length, advice)?),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_read(
    this: u32,
    length: u64,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    read::<Host>(this, length, offset, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_write(
    this: u32,
    bytes: u32,
    length: u32,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    let act = || write(this, caller.bytes(bytes, length), length, offset, caller);
    answer_with(caller, result, (8, 8), act, |fields, at, written| fields.u64(at, written));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_sync(this: u32, result: u32, caller: &Caller) {
    answer(caller, result, || sync(caller.borrow(this), false));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_sync_data(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || sync(caller.borrow(this), true));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_advise(
    this: u32,
    offset: u64,
    length: u64,
    advice: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || {
        let advice = match advice {
            0 => Advice::Normal,
            1 => Advice::Sequential,
            2 => Advice::Random,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            5 => Advice::NoReuse,
            _ => fail::raise_in_host(Trap::InvalidDiscriminant),
        };
        self::advise(file(this, caller)?, offset, length, advice)
    });
}
