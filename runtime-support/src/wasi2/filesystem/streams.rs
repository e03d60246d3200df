//! Streams that read and write files. Each has a descriptor of the host of its own, so that it outlives the one that it was
//! made from, and a position of its own; none ever waits.

use super::super::io::poll::Event;
use super::super::io::streams::{self, InputStream, OutputStream, PERMIT, Sink, Source, StreamError};
use super::answer::answer_with_handle;
use super::descriptor::{file, is_directory};
use crate::component::Caller;
use crate::sys;
use crate::sys::file::{self, Fd, IoVec, Position};
use crate::wasi::bundle::{self, Bundles};
use crate::wasi::descriptor::{Descriptor, Kind};
use crate::wasi::files::Host;
use crate::wasi::types::{Errno, Result};

/// Where streams read from.
pub trait Readable {
    fn stream(file: &Descriptor, offset: u64) -> Result<InputStream>;
}

impl Readable for Host {
    fn stream(file: &Descriptor, offset: u64) -> Result<InputStream> {
        Ok(InputStream::new(&FILE_SOURCE, file::duplicate(file.host)?, offset))
    }
}

impl Readable for Bundles {
    fn stream(file: &Descriptor, offset: u64) -> Result<InputStream> {
        match file.kind {
            Kind::Bundled => Ok(InputStream::new(&BUNDLE_SOURCE, file.lower as Fd, offset)),
            _ => Host::stream(file, offset),
        }
    }
}

/// Moves the stream on by what `read` has read at its position.
fn advance(
    stream: &InputStream,
    buffer: &mut [u8],
    read: impl FnOnce(&[IoVec], u64) -> sys::Result<usize>,
) -> streams::Result<usize> {
    let piece = IoVec { base: buffer.as_mut_ptr(), length: buffer.len() };
    let position = stream.position.get();
    match read(&[piece], position) {
        Ok(0) if !buffer.is_empty() => Err(StreamError::Closed),
        Ok(read) => {
            stream.position.set(position + read as u64);
            Ok(read)
        }
        Err(error) => Err(StreamError::Failed(error)),
    }
}

static FILE_SOURCE: Source = Source {
    read: |stream, buffer| {
        advance(stream, buffer, |pieces, position| {
            // SAFETY: the pieces are the buffer.
            unsafe { file::read(stream.host.get(), pieces, Position::At(position)) }
        })
    },
    event: |_| Event::Now,
    drop: |stream| file::close(stream.host.get()),
};

/// Its `host` is the `Descriptor::lower` of a file.
static BUNDLE_SOURCE: Source = Source {
    read: |stream, buffer| {
        advance(stream, buffer, |pieces, position| {
            // SAFETY: as above.
            unsafe { bundle::read(stream.host.get() as u32, pieces, position) }.map_err(|_| sys::Errno::INVAL)
        })
    },
    event: |_| Event::Now,
    drop: |_| {},
};

static FILE_SINK: Sink = Sink {
    write: |stream, pieces| {
        let position = stream.position.get();
        // SAFETY: the pieces are memory that exists.
        let written = unsafe { file::write(stream.host.get(), pieces, Position::At(position)) };
        let written = written.map_err(StreamError::Failed)?;
        stream.position.set(position + written as u64);
        Ok(written)
    },
    event: |_| Event::Now,
    room: |_| PERMIT,
    closes_on_error: true,
    drop: |stream| file::close(stream.host.get()),
};

static END_SINK: Sink = Sink {
    // SAFETY: as above.
    write: |stream, pieces| unsafe { file::append(stream.host.get(), pieces) }.map_err(StreamError::Failed),
    event: |_| Event::Now,
    room: |_| PERMIT,
    closes_on_error: true,
    drop: |stream| file::close(stream.host.get()),
};

#[inline(always)]
pub fn read_via_stream<T: Readable>(this: u32, offset: u64, result: u32, caller: &Caller) {
    answer_with_handle(caller, result, || {
        if is_directory(caller.borrow(this)) {
            return Err(Errno::ISDIR);
        }
        Ok(caller.own(T::stream(file(this, caller)?, offset)?))
    });
}

fn write_via_stream(this: u32, sink: &'static Sink, offset: u64, result: u32, caller: &Caller) {
    answer_with_handle(caller, result, || {
        let file = file(this, caller)?;
        file.check_writable()?;
        Ok(caller.own(OutputStream::new(sink, file::duplicate(file.host)?, offset)))
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_read_via_stream(
    this: u32,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    read_via_stream::<Host>(this, offset, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_write_via_stream(
    this: u32,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    write_via_stream(this, &FILE_SINK, offset, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_append_via_stream(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    write_via_stream(this, &END_SINK, 0, result, caller);
}
