//! `wasi:io/streams`. A stream has functions of what it was made from, so that a program has only the code for the kinds
//! of streams that it can make.

use core::cell::Cell;

use wasm_aot_abi::wasi2::ResourceKind;

use super::poll::Event;
use crate::component::slab::Slab;
use crate::component::{Caller, Resource};
use crate::fail;
use crate::sys;
use crate::sys::file::{self, Fd, IoVec, Position};
use wasm_aot_abi::trap::Trap;

/// Why a stream fails.
pub enum StreamError {
    /// `last-operation-failed`.
    Failed(sys::Errno),
    Closed,
}

pub type Result<T> = core::result::Result<T, StreamError>;

/// Bytes that a stream accepts at once.
pub const PERMIT: u64 = 1 << 20;

/// `wasi:io/streams.input-stream`.
pub struct InputStream {
    pub source: &'static Source,
    /// What `source` reads from.
    pub host: Cell<Fd>,
    /// Where it reads next, if that is a file.
    pub position: Cell<u64>,
    /// Whether it is at its end, or an operation has failed.
    pub closed: Cell<bool>,
    /// Pollables that were made from it.
    pub children: Cell<u32>,
}

impl InputStream {
    /// One that reads from `host`, if that is a file from `position` on.
    pub fn new(source: &'static Source, host: Fd, position: u64) -> InputStream {
        InputStream {
            source,
            host: Cell::new(host),
            position: Cell::new(position),
            closed: Cell::new(false),
            children: Cell::new(0),
        }
    }
}

/// How an input stream reads.
pub struct Source {
    /// Reads some bytes without waiting: 0 if there are none yet. At the end, `Closed`.
    pub read: fn(&InputStream, &mut [u8]) -> Result<usize>,
    /// When there is something to read, or the end.
    pub event: fn(&InputStream) -> Event,
    /// Gives up what it reads from.
    pub drop: fn(&InputStream),
}

/// `wasi:io/streams.output-stream`.
pub struct OutputStream {
    pub sink: &'static Sink,
    /// What `sink` writes to.
    pub host: Cell<Fd>,
    /// Where it writes next, if that is a file.
    pub position: Cell<u64>,
    /// Whether an operation has failed.
    pub closed: Cell<bool>,
    /// Pollables that were made from it.
    pub children: Cell<u32>,
    /// Bytes that `check-write` has permitted to write next.
    permit: Cell<u64>,
}

impl OutputStream {
    /// One that writes to `host`, if that is a file from `position` on.
    pub fn new(sink: &'static Sink, host: Fd, position: u64) -> OutputStream {
        OutputStream {
            sink,
            host: Cell::new(host),
            position: Cell::new(position),
            closed: Cell::new(false),
            children: Cell::new(0),
            permit: Cell::new(0),
        }
    }
}

/// How an output stream writes.
pub struct Sink {
    /// Writes some bytes without waiting, as many as it can; the bytes are guest memory, or ours.
    pub write: fn(&OutputStream, &[IoVec]) -> Result<usize>,
    /// When it can write.
    pub event: fn(&OutputStream) -> Event,
    /// Gives up what it writes to.
    pub drop: fn(&OutputStream),
}

static INPUTS: Slab<InputStream> = Slab::new();
static OUTPUTS: Slab<OutputStream> = Slab::new();

impl Resource for InputStream {
    const KIND: ResourceKind = ResourceKind::InputStream;

    fn table() -> &'static Slab<InputStream> {
        &INPUTS
    }
}

impl Resource for OutputStream {
    const KIND: ResourceKind = ResourceKind::OutputStream;

    fn table() -> &'static Slab<OutputStream> {
        &OUTPUTS
    }
}

/// Standard output and error.
pub static STANDARD_STREAM: Sink = Sink {
    write: |stream, pieces| {
        // SAFETY: the pieces are memory that exists.
        match unsafe { file::write(stream.host.get(), pieces, Position::Current) } {
            Ok(written) => Ok(written),
            Err(sys::Errno::PIPE) => Err(StreamError::Closed),
            Err(error) => Err(StreamError::Failed(error)),
        }
    },
    event: |stream| Event::Writable(stream.host.get()),
    drop: |_| {},
};

fn write_all(stream: &OutputStream, start: *mut u8, length: usize) -> Result<()> {
    let mut done = 0;
    while done < length {
        // SAFETY: the caller promises that the bytes exist.
        let piece = IoVec { base: unsafe { start.add(done) }, length: length - done };
        done += (stream.sink.write)(stream, &[piece])?;
    }
    Ok(())
}

/// `result<_, stream-error>`: 12 bytes.
fn answer(caller: &Caller, result: u32, outcome: Result<()>) {
    let fields = caller.fields(result, 12, 4);
    match outcome {
        Ok(()) => fields.u8(0, 0),
        Err(_) => {
            fields.u8(0, 1);
            fields.u8(4, 1);
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_check_write(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let _ = caller.borrow::<OutputStream>(this);
    let fields = caller.fields(result, 16, 8);
    fields.u8(0, 0);
    fields.u64(8, PERMIT);
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
    let start = caller.bytes(bytes, length);
    answer(caller, result, write_all(stream, start, length as usize));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_write_and_flush(
    this: u32,
    bytes: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    wasm_aot_wasi2_io_streams_output_stream_write(this, bytes, length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_blocking_flush(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let _ = caller.borrow::<OutputStream>(this);
    answer(caller, result, Ok(()));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_streams_output_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<OutputStream>(handle) {
        let stream = OutputStream::remove(number);
        if stream.children.get() != 0 {
            fail::raise_in_host(Trap::ResourceHasChildren);
        }
        (stream.sink.drop)(&stream);
    }
}
