//! The host at an end of a stream or a future: descriptors that bytes are written to or read from, and how that ended.

use wasm_aot_abi::concurrent::{CopyResult, EndType};

use super::end::{self, Buffer};
use super::pending::{self, Waker};
use super::stream::{self, Side};
use crate::component::Caller;
use crate::sys;
use crate::sys::file::{self, Fd, IoVec, Position};
use crate::wasi2::io::buffer;
use crate::wasi2::io::ready::{Event, Wait, stream_is_ready};

/// What the host does at an end.
#[derive(Clone, Copy)]
pub enum Host {
    /// Writes what arrives to a descriptor. The number is that of the future that says how it ended.
    Output(Fd, u32),
    /// Reads from a descriptor. What it waits for, if it waits: its number, plus 1; otherwise 0.
    Input { fd: Fd, outcome: u32, pending: u32 },
    /// Says how something ended, if it has: by this error.
    Outcome(Option<Outcome>),
}

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
    let data = end::take_readable(data, of_data, caller);
    let (outcome, handle) = new_outcome(of_outcome, caller);
    let host = Host::Output(fd, outcome);
    let from = stream::at(data).writer.get();
    stream::at(data).reader.set(Side::Host(host));
    match from {
        Side::Guest(_) => continue_copy(data, host),
        Side::Nobody => drop(data, host),
        Side::Host(from) => pass_on(data, from),
    }
    handle
}

/// Gives the caller a stream of what is read from a descriptor, and a future of how that ends.
pub fn read_from(fd: Fd, caller: &Caller, [of_data, of_outcome]: &'static [EndType; 2]) -> (u32, u32) {
    let data = stream::insert();
    let readable = end::give(data, of_data, false, |kind, number| caller.add_handle(kind, number));
    let (outcome, handle) = new_outcome(of_outcome, caller);
    stream::at(data).writer.set(Side::Host(Host::Input { fd, outcome, pending: 0 }));
    (readable, handle)
}

/// A future that the host writes, and the caller's handle for it.
fn new_outcome(ty: &'static EndType, caller: &Caller) -> (u32, u32) {
    let outcome = stream::insert();
    stream::at(outcome).writer.set(Side::Host(Host::Outcome(None)));
    (outcome, end::give(outcome, ty, false, |kind, number| caller.add_handle(kind, number)))
}

/// Says how something ended.
fn resolve(outcome: u32, how: Outcome) {
    let host = Host::Outcome(Some(how));
    stream::at(outcome).writer.set(Side::Host(host));
    match stream::at(outcome).reader.get() {
        Side::Nobody => stream::remove(outcome),
        Side::Guest(_) | Side::Host(_) => continue_copy(outcome, host),
    }
}

/// Does what can be done of the copy that is pending at the other end of a stream.
pub fn continue_copy(number: u32, host: Host) {
    let Some(mut buffer) = stream::pending_buffer(number) else { return };
    match host {
        Host::Output(fd, outcome) => {
            let written = write(fd, &mut buffer);
            let progress = buffer.progress;
            match written {
                Ok(()) => stream::host_copied(number, progress, CopyResult::Completed),
                Err(error) => {
                    stream::at(number).reader.set(Side::Nobody);
                    resolve(outcome, Err(ErrorCode::of(error)));
                    stream::host_copied(number, progress, CopyResult::Dropped);
                }
            }
        }
        Host::Input { fd, outcome, .. } => {
            if buffer.remaining() == 0 {
                stream::host_copied(number, 0, CopyResult::Completed);
            } else if !stream_is_ready(Event::Readable(fd), Wait::No) {
                wait(number, fd, outcome);
            } else {
                // SAFETY: the buffer was checked when the copy began; its memory doesn't move.
                let bytes =
                    unsafe { core::slice::from_raw_parts_mut(buffer.place(), buffer.remaining() as usize) };
                match read(fd, bytes) {
                    Ok(count @ 1..) => stream::host_copied(number, count as u32, CopyResult::Completed),
                    Err(sys::Errno::AGAIN) => wait(number, fd, outcome),
                    ended => {
                        stream::at(number).writer.set(Side::Nobody);
                        resolve(outcome, ended.map(|_| ()).map_err(ErrorCode::of));
                        stream::host_copied(number, 0, CopyResult::Dropped);
                    }
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

/// Has the stream go on when something can be read.
fn wait(number: u32, fd: Fd, outcome: u32) {
    let pending = pending::insert(Event::Readable(fd), Waker::Stream(number)) + 1;
    stream::at(number).writer.set(Side::Host(Host::Input { fd, outcome, pending }));
}

/// Something can be read that a stream waited for.
pub fn wake(number: u32) {
    if let Side::Host(Host::Input { fd, outcome, .. }) = stream::at(number).writer.get() {
        let host = Host::Input { fd, outcome, pending: 0 };
        stream::at(number).writer.set(Side::Host(host));
        match stream::at(number).reader.get() {
            Side::Host(_) => pass_on(number, host),
            Side::Guest(_) | Side::Nobody => continue_copy(number, host),
        }
    }
}

/// Passes on what can be read now from one descriptor to another, and waits for more.
fn pass_on(number: u32, from: Host) {
    let (Host::Input { fd, outcome: read_outcome, .. }, Side::Host(Host::Output(to, write_outcome))) =
        (from, stream::at(number).reader.get())
    else {
        return;
    };
    while stream_is_ready(Event::Readable(fd), Wait::No) {
        // SAFETY: host functions don't call each other.
        let bytes = unsafe { buffer::take(u64::MAX) };
        let (read_end, write_end) = match read(fd, bytes) {
            Err(sys::Errno::AGAIN) => break,
            Ok(0) => (Ok(()), Ok(())),
            Err(error) => (Err(ErrorCode::of(error)), Ok(())),
            Ok(count) => {
                let mut buffer = Buffer::of_host(bytes.as_mut_ptr(), count as u32);
                match write(to, &mut buffer) {
                    Ok(()) => continue,
                    Err(error) => (Ok(()), Err(ErrorCode::of(error))),
                }
            }
        };
        stream::remove(number);
        resolve(read_outcome, read_end);
        resolve(write_outcome, write_end);
        return;
    }
    wait(number, fd, read_outcome);
}

fn read(fd: Fd, bytes: &mut [u8]) -> sys::Result<usize> {
    let piece = IoVec { base: bytes.as_mut_ptr(), length: bytes.len() };
    // SAFETY: the bytes are there.
    unsafe { file::read(fd, &[piece], Position::Current) }
}

/// Writes all of a buffer, and waits until the other side has read, as streams of 0.2 do.
fn write(fd: Fd, buffer: &mut Buffer) -> sys::Result<()> {
    while buffer.remaining() > 0 {
        let piece = IoVec { base: buffer.place(), length: buffer.remaining() as usize };
        // SAFETY: the buffer was checked when the copy began, or it is the host's.
        match unsafe { file::write(fd, &[piece], Position::Current) } {
            Ok(count) => buffer.progress += count as u32,
            // The descriptor doesn't wait, because whoever shares it wants it so.
            Err(sys::Errno::AGAIN) => _ = stream_is_ready(Event::Writable(fd), Wait::UntilReady),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives up what the host waits for at the other end of a stream.
pub fn cancel(number: u32, host: Host) {
    if let Host::Input { fd, outcome, pending } = host
        && let Some(waiting) = pending.checked_sub(1)
    {
        pending::remove(waiting);
        stream::at(number).writer.set(Side::Host(Host::Input { fd, outcome, pending: 0 }));
    }
}

/// A component has dropped the other end of a stream.
pub fn drop(number: u32, host: Host) {
    match host {
        Host::Output(_, outcome) | Host::Input { outcome, .. } => {
            cancel(number, host);
            stream::remove(number);
            resolve(outcome, Ok(()));
        }
        // Otherwise the stream is there until it is known.
        Host::Outcome(Some(_)) => stream::remove(number),
        Host::Outcome(None) => {}
    }
}
