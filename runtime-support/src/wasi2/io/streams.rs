//! `wasi:io/streams`. A stream has functions of what it was made from, so that a program has only the code for the kinds
//! of streams that it can make.

use core::cell::Cell;

use wasm_aot_abi::wasi2::ResourceKind;

use super::buffer;
use super::error::Error;
use super::poll::Event;
use super::ready::{Wait, stream_is_ready};
use crate::component::slab::Slab;
use crate::component::{Caller, Fields, Resource};
use crate::sys;
use crate::sys::file::{Fd, IoVec};

/// Why a stream fails.
pub enum StreamError {
    /// `last-operation-failed`.
    Failed(sys::Errno),
    Closed,
}

pub type Result<T> = core::result::Result<T, StreamError>;

/// `wasi:io/streams.input-stream`.
pub struct InputStream {
    source: &'static Source,
    /// What `source` reads from.
    pub host: Cell<Fd>,
    /// Where it reads next, if that is a file.
    pub position: Cell<u64>,
    /// Whether it is at its end, or an operation has failed.
    pub closed: Cell<bool>,
    /// Pollables that were made from it.
    pub children: Cell<u32>,
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
    sink: &'static Sink,
    /// What `sink` writes to.
    pub host: Cell<Fd>,
    /// Where it writes next, if that is a file.
    pub position: Cell<u64>,
    /// Whether an operation has failed, and none is possible any more.
    pub closed: Cell<bool>,
    /// Pollables that were made from it.
    pub children: Cell<u32>,
    /// Bytes that `check-write` has permitted to write next.
    permit: Cell<u64>,
}

/// How an output stream writes.
pub struct Sink {
    /// Writes some bytes without waiting, as many as it can; the bytes are guest memory, or ours.
    pub write: fn(&OutputStream, &[IoVec]) -> Result<usize>,
    /// When it can write. If that is now, `write` writes at least one byte.
    pub event: fn(&OutputStream) -> Event,
    /// How many bytes are permitted when it can write. Unless that is always, `write` takes as many then.
    pub room: fn(&OutputStream) -> u64,
    /// Whether nothing can be written after an error.
    pub closes_on_error: bool,
    /// Gives up what it writes to.
    pub drop: fn(&OutputStream),
}

/// Bytes that a stream permits to write which is always ready.
pub const PERMIT: u64 = buffer::SIZE as u64;

static INPUTS: Slab<InputStream> = Slab::empty();
static OUTPUTS: Slab<OutputStream> = Slab::empty();

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

    /// Reads some bytes without waiting; 0 if there are none yet.
    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if self.closed.get() {
            return Err(StreamError::Closed);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = (self.source.read)(self, buffer);
        self.closed.set(read.is_err());
        read
    }

    /// Reads at least one byte, unless none is wanted.
    pub(super) fn blocking_read(&self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            stream_is_ready(self.event(), Wait::UntilReady);
            let read = self.read(buffer)?;
            if read != 0 || buffer.is_empty() {
                return Ok(read);
            }
        }
    }

    /// When there is something to read, or the end.
    pub(super) fn event(&self) -> Event {
        if self.closed.get() { Event::Now } else { (self.source.event)(self) }
    }

    pub(super) fn give_up(&self) {
        (self.source.drop)(self);
    }
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

    /// How many bytes may be written next.
    pub(super) fn check_write(&self) -> Result<u64> {
        if self.closed.get() {
            return Err(StreamError::Closed);
        }
        let is_ready = stream_is_ready(self.event(), Wait::No);
        let permit = if is_ready { (self.sink.room)(self) } else { 0 };
        self.permit.set(permit);
        Ok(permit)
    }

    /// How many bytes may be written, of which none may be until the next `check_write`.
    pub(super) fn take_permit(&self) -> u64 {
        match self.event() {
            Event::Now => PERMIT,
            _ => self.permit.take(),
        }
    }

    /// Writes all of these bytes; waits if it must.
    ///
    /// # Safety
    /// `length` bytes can be read at `start`, and nobody writes them.
    pub(super) unsafe fn write_all(&self, start: *mut u8, length: usize) -> Result<()> {
        if self.closed.get() {
            return Err(StreamError::Closed);
        }
        let mut done = 0;
        while done < length {
            // SAFETY: within what the caller promises.
            let piece = IoVec { base: unsafe { start.add(done) }, length: length - done };
            match (self.sink.write)(self, &[piece]) {
                Ok(0) => self.wait(),
                Ok(written) => done += written,
                Err(error) => {
                    self.closed.set(self.sink.closes_on_error);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Waits until something can be written.
    pub(super) fn wait(&self) {
        stream_is_ready(self.event(), Wait::UntilReady);
    }

    /// When something can be written, or it fails.
    pub(super) fn event(&self) -> Event {
        if self.closed.get() { Event::Now } else { (self.sink.event)(self) }
    }

    pub(super) fn give_up(&self) {
        (self.sink.drop)(self);
    }
}

/// Writes a `stream-error`, whose alignment is 4, as the error of a `result`.
fn fail(caller: &Caller, fields: &Fields, offset: u32, error: StreamError) {
    fields.u8(0, 1);
    match error {
        StreamError::Failed(errno) => {
            fields.u8(offset, 0);
            fields.u32(offset + 4, caller.own(Error(errno)));
        }
        StreamError::Closed => fields.u8(offset, 1),
    }
}

/// Gives the caller a `result<_, stream-error>`.
pub(super) fn answer(caller: &Caller, result: u32, outcome: Result<()>) {
    let fields = caller.fields(result, 12, 4);
    match outcome {
        Ok(()) => fields.u8(0, 0),
        Err(error) => fail(caller, &fields, 4, error),
    }
}

/// Gives the caller a `result<u64, stream-error>`.
pub(super) fn answer_u64(caller: &Caller, result: u32, outcome: Result<u64>) {
    let fields = caller.fields(result, 16, 8);
    match outcome {
        Ok(value) => {
            fields.u8(0, 0);
            fields.u64(8, value);
        }
        Err(error) => fail(caller, &fields, 8, error),
    }
}

/// Gives the caller a `result<list<u8>, stream-error>`.
pub(super) fn answer_list(caller: &Caller, result: u32, outcome: Result<&[u8]>) {
    let list = outcome.map(|bytes| caller.new_list(bytes));
    let fields = caller.fields(result, 12, 4);
    match list {
        Ok((pointer, length)) => {
            fields.u8(0, 0);
            fields.u32(4, pointer);
            fields.u32(8, length);
        }
        Err(error) => fail(caller, &fields, 4, error),
    }
}
