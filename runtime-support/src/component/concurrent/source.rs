//! The host at an end of a stream or a future: descriptors that bytes are written to or read from, and how that ended.

use wasm_aot_abi::concurrent::{CopyResult, EndType};

use super::end::{self, Buffer};
use super::pending::{self, Waker};
use super::stream::{self, Side};
use crate::component::Caller;
use crate::sys;
use crate::sys::file::{self, Fd, FileKind, IoVec, Position};
use crate::wasi2::io::buffer;
use crate::wasi2::io::ready::{Event, Wait, stream_is_ready};

/// What the host does at an end.
#[derive(Clone, Copy)]
pub enum Host {
    /// Writes what arrives to a descriptor.
    Output(Output),
    /// Reads from a descriptor.
    Input(Input),
    /// Says how something ended, if it has: by this error.
    Outcome(Option<Outcome>),
}

#[derive(Clone, Copy)]
pub struct Output {
    fd: Fd,
    /// Bytes that it takes without waiting when it is ready.
    most: u32,
    /// The number of the future that says how it ended.
    outcome: u32,
    /// What it waits for, if it waits: its number, plus 1; otherwise 0.
    pending: u32,
}

#[derive(Clone, Copy)]
pub struct Input {
    fd: Fd,
    /// As in [`Output`].
    outcome: u32,
    pending: u32,
}

/// Pieces that pass from one descriptor to another before tasks have their turn.
const PIECES: u32 = 16;

/// `result<_, error-code>`.
pub type Outcome = Result<(), ErrorCode>;

/// `wasi:cli/types.error-code`.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum ErrorCode {
    Io = 0,
    Pipe = 2,
}

impl ErrorCode {
    fn of(error: sys::Errno) -> ErrorCode {
        if error == sys::Errno::PIPE { ErrorCode::Pipe } else { ErrorCode::Io }
    }
}

/// Has the host write what the caller's stream brings to a descriptor; a future of how that ends. The types are those of
/// the stream and the future.
pub fn write_to(fd: Fd, data: u32, caller: &Caller, [of_data, of_outcome]: &'static [EndType; 2]) -> u32 {
    let data = end::take_readable(data, of_data, caller.instance());
    let (outcome, handle) = new_outcome(of_outcome, caller);
    let is_file = file::stat(fd).is_ok_and(|stat| stat.kind == FileKind::Regular);
    let most = if is_file { u32::MAX } else { file::PIPE_PIECE };
    let host = Host::Output(Output { fd, most, outcome, pending: 0 });
    let from = stream::at(data).writer.get();
    stream::at(data).reader.set(Side::Host(host));
    match from {
        Side::Guest => continue_copy(data, host),
        Side::Nobody => drop(data, host),
        Side::Host(_) => pass_on(data),
    }
    handle
}

/// Gives the caller a stream of what is read from a descriptor, and a future of how that ends.
pub fn read_from(fd: Fd, caller: &Caller, [of_data, of_outcome]: &'static [EndType; 2]) -> (u32, u32) {
    let data = stream::insert();
    let readable = end::give(data, of_data, false, caller.instance());
    let (outcome, handle) = new_outcome(of_outcome, caller);
    stream::at(data).writer.set(Side::Host(Host::Input(Input { fd, outcome, pending: 0 })));
    (readable, handle)
}

/// A future that the host writes, and the caller's handle for it.
fn new_outcome(ty: &'static EndType, caller: &Caller) -> (u32, u32) {
    let outcome = stream::insert();
    stream::at(outcome).writer.set(Side::Host(Host::Outcome(None)));
    (outcome, end::give(outcome, ty, false, caller.instance()))
}

/// Says how something ended.
fn resolve(outcome: u32, how: Outcome) {
    let host = Host::Outcome(Some(how));
    stream::at(outcome).writer.set(Side::Host(host));
    match stream::at(outcome).reader.get() {
        Side::Nobody => stream::remove(outcome),
        Side::Guest | Side::Host(_) => continue_copy(outcome, host),
    }
}

/// Does what can be done of the copy that is pending at the other end of a stream. One of nothing ends when something could
/// be copied.
pub fn continue_copy(number: u32, host: Host) {
    let Some(mut buffer) = stream::pending_buffer(number) else { return };
    match host {
        Host::Output(output) => {
            let is_empty = buffer.remaining() == 0;
            match write(output, &mut buffer) {
                Ok(is_ready) if buffer.progress > 0 || is_empty && is_ready => {
                    stream::host_copied(number, buffer.progress, CopyResult::Completed);
                }
                Ok(_) => {
                    let pending = wait(number, Event::Writable(output.fd));
                    stream::at(number).reader.set(Side::Host(Host::Output(Output { pending, ..output })));
                }
                Err(error) => {
                    stream::at(number).reader.set(Side::Nobody);
                    resolve(output.outcome, Err(ErrorCode::of(error)));
                    stream::host_copied(number, buffer.progress, CopyResult::Dropped);
                }
            }
        }
        Host::Input(input) => {
            let read = match buffer.remaining() {
                0 => stream_is_ready(Event::Readable(input.fd), Wait::No).then_some(Ok(0)),
                length => {
                    let place = buffer.place();
                    // SAFETY: so many bytes are there, as has been checked just now.
                    read(input, unsafe { core::slice::from_raw_parts_mut(place, length as usize) })
                }
            };
            match read {
                None => wait_for_input(number, input),
                Some(Ok(count)) if count > 0 || buffer.remaining() == 0 => {
                    stream::host_copied(number, count as u32, CopyResult::Completed);
                }
                Some(ended) => {
                    stream::at(number).writer.set(Side::Nobody);
                    resolve(input.outcome, ended.map(|_| ()).map_err(ErrorCode::of));
                    stream::host_copied(number, 0, CopyResult::Dropped);
                }
            }
        }
        Host::Outcome(None) => {}
        Host::Outcome(Some(how)) => {
            let bytes = match how {
                Ok(()) => [0, 0],
                Err(code) => [1, code as u8],
            };
            // SAFETY: the buffer has room for a `result<_, error-code>`, which are these bytes.
            unsafe { buffer.place().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            stream::host_copied(number, 1, CopyResult::Completed);
        }
    }
}

/// Has the stream with this number go on when this happens; the number of what is pending, plus 1.
fn wait(number: u32, event: Event) -> u32 {
    pending::insert(event, Waker::Stream(number)) + 1
}

fn wait_for_input(number: u32, input: Input) {
    let pending = wait(number, Event::Readable(input.fd));
    stream::at(number).writer.set(Side::Host(Host::Input(Input { pending, ..input })));
}

/// What a stream waited for has happened.
pub fn wake(number: u32) {
    let stream = stream::at(number);
    match (stream.writer.get(), stream.reader.get()) {
        (Side::Host(_), Side::Host(_)) => pass_on(number),
        (Side::Host(Host::Input(input)), _) => {
            let host = Host::Input(Input { pending: 0, ..input });
            stream.writer.set(Side::Host(host));
            continue_copy(number, host);
        }
        (_, Side::Host(Host::Output(output))) => {
            let host = Host::Output(Output { pending: 0, ..output });
            stream.reader.set(Side::Host(host));
            continue_copy(number, host);
        }
        _ => {}
    }
}

/// Passes on some of what can be read from one descriptor to another, and waits for more.
fn pass_on(number: u32) {
    let stream = stream::at(number);
    let (Side::Host(Host::Input(input)), Side::Host(Host::Output(output))) =
        (stream.writer.get(), stream.reader.get())
    else {
        return;
    };
    for _ in 0..PIECES {
        if !stream_is_ready(Event::Writable(output.fd), Wait::No) {
            let pending = wait(number, Event::Writable(output.fd));
            stream.writer.set(Side::Host(Host::Input(Input { pending, ..input })));
            return;
        }
        // SAFETY: host functions don't call each other.
        let bytes = unsafe { buffer::take(output.most.into()) };
        let (read_end, write_end) = match read(input, bytes) {
            None => break,
            Some(Ok(0)) => (Ok(()), Ok(())),
            Some(Err(error)) => (Err(ErrorCode::of(error)), Ok(())),
            Some(Ok(count)) => match write_all(output, Buffer::of_host(bytes.as_mut_ptr(), count as u32)) {
                Ok(()) => continue,
                Err(error) => (Ok(()), Err(ErrorCode::of(error))),
            },
        };
        stream::remove(number);
        resolve(input.outcome, read_end);
        resolve(output.outcome, write_end);
        return;
    }
    wait_for_input(number, input);
}

/// Reads some bytes; none if there are none yet.
fn read(input: Input, bytes: &mut [u8]) -> Option<sys::Result<usize>> {
    if !stream_is_ready(Event::Readable(input.fd), Wait::No) {
        return None;
    }
    let piece = IoVec { base: bytes.as_mut_ptr(), length: bytes.len() };
    // SAFETY: the bytes are there.
    match unsafe { file::read(input.fd, &[piece], Position::Current) } {
        Err(sys::Errno::AGAIN) => None,
        read => Some(read),
    }
}

/// Writes as much of a buffer as it can without waiting. Whether it could go on.
fn write(output: Output, buffer: &mut Buffer) -> sys::Result<bool> {
    while stream_is_ready(Event::Writable(output.fd), Wait::No) {
        if buffer.remaining() == 0 {
            return Ok(true);
        }
        let piece = IoVec { base: buffer.place(), length: buffer.remaining().min(output.most) as usize };
        // SAFETY: its place was checked just now, or it is the host's.
        match unsafe { file::write(output.fd, &[piece], Position::Current) } {
            Ok(count) => buffer.progress += count as u32,
            Err(sys::Errno::AGAIN) => break,
            Err(error) => return Err(error),
        }
        if buffer.remaining() == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes all of a buffer, and waits if it must: only if others write to the descriptor, too.
fn write_all(output: Output, mut buffer: Buffer) -> sys::Result<()> {
    while !write(output, &mut buffer)? {
        stream_is_ready(Event::Writable(output.fd), Wait::UntilReady);
    }
    Ok(())
}

/// Gives up what the host waits for at the other end of a stream.
pub fn cancel(number: u32, host: Host) {
    let stream = stream::at(number);
    match host {
        Host::Input(input) if input.pending != 0 => {
            pending::remove(input.pending - 1);
            stream.writer.set(Side::Host(Host::Input(Input { pending: 0, ..input })));
        }
        Host::Output(output) if output.pending != 0 => {
            pending::remove(output.pending - 1);
            stream.reader.set(Side::Host(Host::Output(Output { pending: 0, ..output })));
        }
        _ => {}
    }
}

/// A component has dropped the other end of a stream.
pub fn drop(number: u32, host: Host) {
    match host {
        Host::Output(Output { outcome, .. }) | Host::Input(Input { outcome, .. }) => {
            cancel(number, host);
            stream::remove(number);
            resolve(outcome, Ok(()));
        }
        // Otherwise the stream is there until it is known.
        Host::Outcome(Some(_)) => stream::remove(number),
        Host::Outcome(None) => {}
    }
}
