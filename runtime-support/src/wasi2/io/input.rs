//! `wasi:io/streams.input-stream`.

use wasm_aot_abi::trap::Trap;

use super::buffer;
use super::poll::Pollable;
use super::streams::{InputStream, Result, answer_list, answer_u64};
use crate::component::{Caller, Resource, violation};

/// How to read: without waiting, or at least one byte.
type Read = fn(&InputStream, &mut [u8]) -> Result<usize>;

fn read(this: u32, length: u64, result: u32, caller: &Caller, how: Read) {
    caller.check();
    let stream = caller.borrow::<InputStream>(this);
    // SAFETY: host functions don't call each other.
    let buffer = unsafe { buffer::take(length) };
    let outcome = how(stream, buffer).map(|read| buffer.get(..read).unwrap_or_default());
    answer_list(caller, result, outcome);
}

fn skip(this: u32, length: u64, result: u32, caller: &Caller, how: Read) {
    caller.check();
    let stream = caller.borrow::<InputStream>(this);
    // SAFETY: as in `read`.
    let outcome = how(stream, unsafe { buffer::take(length) });
    answer_u64(caller, result, outcome.map(|skipped| skipped as u64));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_read(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    read(this, length, result, caller, InputStream::read);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_blocking_read(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    read(this, length, result, caller, InputStream::blocking_read);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_skip(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    skip(this, length, result, caller, InputStream::read);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_blocking_skip(
    this: u32,
    length: u64,
    result: u32,
    caller: &Caller,
) {
    skip(this, length, result, caller, InputStream::blocking_read);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_subscribe(this: u32, caller: &Caller) -> u32 {
    caller.check();
    let stream = caller.borrow::<InputStream>(this);
    caller.own(Pollable::of(stream.event(), &stream.children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_input_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<InputStream>(handle) {
        let stream = InputStream::remove(number);
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
