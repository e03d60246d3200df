//! `wasi:cli/stdin`, `stdout` and `stderr`: streams of the process's own descriptors, which stay open.

use crate::component::Caller;
use crate::sys;
use crate::sys::file::{self, IoVec, Position};
use crate::wasi2::io::poll::Event;
use crate::wasi2::io::ready::{Wait, stream_is_ready};
use crate::wasi2::io::streams::{InputStream, OutputStream, PERMIT, Result, Sink, Source, StreamError};

static STANDARD_INPUT: Source =
    Source { read, event: |stream| Event::Readable(stream.host.get()), drop: |_| {} };

/// As in wasmtime, always ready: a write waits until the other side has read. After an error the next write may succeed.
static STANDARD_OUTPUT: Sink =
    Sink { write, event: |_| Event::Now, room: |_| PERMIT, closes_on_error: false, drop: |_| {} };

fn read(stream: &InputStream, buffer: &mut [u8]) -> Result<usize> {
    if !stream_is_ready(Event::Readable(stream.host.get()), Wait::No) {
        return Ok(0);
    }
    let piece = IoVec { base: buffer.as_mut_ptr(), length: buffer.len() };
    // SAFETY: the piece is memory that is ours.
    match unsafe { file::read(stream.host.get(), &[piece], Position::Current) } {
        Ok(0) => Err(StreamError::Closed),
        Ok(read) => Ok(read),
        // Somebody else has read it.
        Err(sys::Errno::AGAIN) => Ok(0),
        Err(error) => Err(StreamError::Failed(error)),
    }
}

fn write(stream: &OutputStream, pieces: &[IoVec]) -> Result<usize> {
    let host = stream.host.get();
    loop {
        // SAFETY: the pieces are memory that exists.
        match unsafe { file::write(host, pieces, Position::Current) } {
            Ok(written) => return Ok(written),
            // The descriptor doesn't wait, because whoever shares it wants it so.
            Err(sys::Errno::AGAIN) => _ = stream_is_ready(Event::Writable(host), Wait::UntilReady),
            Err(sys::Errno::PIPE) => return Err(StreamError::Closed),
            Err(error) => return Err(StreamError::Failed(error)),
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_stdin_get_stdin(caller: &Caller) -> u32 {
    caller.check();
    caller.own(InputStream::new(&STANDARD_INPUT, 0, 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_stdout_get_stdout(caller: &Caller) -> u32 {
    caller.check();
    caller.own(OutputStream::new(&STANDARD_OUTPUT, 1, 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_stderr_get_stderr(caller: &Caller) -> u32 {
    caller.check();
    caller.own(OutputStream::new(&STANDARD_OUTPUT, 2, 0))
}
