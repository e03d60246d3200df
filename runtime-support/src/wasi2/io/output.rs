//! `wasi:io/streams.output-stream`. Nothing is kept back, so there is nothing to flush.

use wasm_aot_abi::trap::Trap;

use super::buffer;
use super::poll::Pollable;
use super::streams::{OutputStream, StreamError, answer, answer_u64};
use crate::component::{Caller, Resource, violation};

/// Bytes that the functions which write and flush take, at most.
const MOST_FLUSHED: u64 = 4096;

/// Traps if a write is longer than what is permitted.
fn check_length(length: u64, permit: u64) {
    if length > permit {
        violation(Trap::WriteTooLarge);
    }
}

/// Writes a list of the caller's.
fn write(stream: &OutputStream, bytes: u32, length: u32, result: u32, caller: &Caller) {
    let start = caller.bytes(bytes, length);
    // SAFETY: `bytes` has checked that they exist; no compiled code runs meanwhile.
    let outcome = unsafe { stream.write_all(start, length as usize) };
    answer(caller, result, outcome);
}

fn write_zeroes(stream: &OutputStream, length: u64, result: u32, caller: &Caller) {
    // SAFETY: host functions don't call each other.
    let zeroes = unsafe { buffer::take(length) };
    zeroes.fill(0);
    // SAFETY: it is all ours.
    let outcome = unsafe { stream.write_all(zeroes.as_mut_ptr(), zeroes.len()) };
    answer(caller, result, outcome);
}

fn flush(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let is_closed = caller.borrow::<OutputStream>(this).closed.get();
    answer(caller, result, if is_closed { Err(StreamError::Closed) } else { Ok(()) });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_check_write(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_u64(caller, result, caller.borrow::<OutputStream>(this).check_write());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_write(
    this: u32,
    bytes: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let stream = caller.borrow::<OutputStream>(this);
    check_length(length.into(), stream.take_permit());
    write(stream, bytes, length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_write_and_flush(
    this: u32,
    bytes: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let stream = caller.borrow::<OutputStream>(this);
    check_length(length.into(), MOST_FLUSHED);
    write(stream, bytes, length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_flush(this: u32, result: u32, caller: &Caller) {
    flush(this, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_flush(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    flush(this, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_subscribe(this: u32, caller: &Caller) -> u32 {
    caller.check();
    let stream = caller.borrow::<OutputStream>(this);
    caller.own(Pollable::of(stream.event(), &stream.children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_write_zeroes(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let stream = caller.borrow::<OutputStream>(this);
    check_length(length, stream.take_permit());
    write_zeroes(stream, length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_write_zeroes_and_flush(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let stream = caller.borrow::<OutputStream>(this);
    check_length(length, MOST_FLUSHED);
    write_zeroes(stream, length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<OutputStream>(handle) {
        let stream = OutputStream::remove(number);
        if stream.children.get() != 0 {
            // A server goes on.
            if cfg!(feature = "servers") {
                stream.give_up();
            }
            violation(Trap::ResourceHasChildren);
        }
        stream.give_up();
    }
}
