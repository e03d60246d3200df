//! `wasi:io/streams.output-stream`: from an input stream to an output stream.

use super::buffer;
use super::streams::{InputStream, OutputStream, Result, answer_u64};
use crate::component::Caller;

/// Moves at most so many bytes, and no more than the output stream permits.
fn splice(
    from: &InputStream,
    to: &OutputStream,
    length: u64,
    read: fn(&InputStream, &mut [u8]) -> Result<usize>,
) -> Result<u64> {
    let length = length.min(to.check_write()?);
    if length == 0 {
        return Ok(0);
    }
    to.take_permit();
    // SAFETY: host functions don't call each other.
    let buffer = unsafe { buffer::take(length) };
    let moved = read(from, buffer)?;
    // SAFETY: it is ours, and at least as long.
    unsafe { to.write_all(buffer.as_mut_ptr(), moved) }?;
    Ok(moved as u64)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_splice(
    this: u32,
    from: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let (to, from) = (caller.borrow(this), caller.borrow(from));
    answer_u64(caller, result, splice(from, to, length, InputStream::read));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_splice(
    this: u32,
    from: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let (to, from): (&OutputStream, &InputStream) = (caller.borrow(this), caller.borrow(from));
    to.wait();
    answer_u64(caller, result, splice(from, to, length, InputStream::blocking_read));
}
