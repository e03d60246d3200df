//! The streams of a TCP connection. What they read from and write to is the socket, by its number; they are its children.

use super::tcp::TcpSocket;
use crate::component::{Caller, Resource};
use crate::sys::Errno;
use crate::sys::file::{self, Fd, IoVec, Position};
use crate::sys::inet;
use crate::wasi2::io::poll::Event;
use crate::wasi2::io::streams::{InputStream, OutputStream, Sink, Source, StreamError};

static SOURCE: Source = Source {
    read: |stream, buffer| {
        let piece = [IoVec { base: buffer.as_mut_ptr(), length: buffer.len() }];
        // SAFETY: `buffer` may be written.
        match unsafe { file::read(fd(stream.host.get()), &piece, Position::Current) } {
            Ok(0) => Err(StreamError::Closed),
            Err(Errno::AGAIN) => Ok(0),
            other => other.map_err(StreamError::Failed),
        }
    },
    event: |stream| Event::Readable(fd(stream.host.get())),
    drop: |stream| {
        let socket = socket(stream.host.get());
        socket.input.set(None);
        socket.children.set(socket.children.get() - 1);
    },
};

/// Bytes that are sent at once, at most.
const MOST_SENT: u32 = 16 << 10;

static SINK: Sink = Sink {
    write: |stream, pieces| {
        // SAFETY: the pieces are memory that exists.
        match unsafe { file::write(fd(stream.host.get()), pieces, Position::Current) } {
            Err(Errno::AGAIN) => Ok(0),
            Err(Errno::PIPE) => Err(StreamError::Closed),
            other => other.map_err(StreamError::Failed),
        }
    },
    event: |stream| Event::Writable(fd(stream.host.get())),
    // Every socket that is writable takes a byte.
    room: |stream| inet::send_room(fd(stream.host.get())).unwrap_or(0).clamp(1, MOST_SENT).into(),
    closes_on_error: true,
    drop: |stream| {
        let socket = socket(stream.host.get());
        socket.output.set(None);
        socket.children.set(socket.children.get() - 1);
    },
};

fn socket(number: Fd) -> &'static TcpSocket {
    TcpSocket::at(number as u32)
}

fn fd(number: Fd) -> Fd {
    socket(number).fd.get()
}

/// Gives the caller the streams of a socket that has just been connected.
pub fn open(number: u32, caller: &Caller) -> [u32; 2] {
    let socket = TcpSocket::at(number);
    let input = caller.own(InputStream::new(&SOURCE, number as Fd, 0));
    let output = caller.own(OutputStream::new(&SINK, number as Fd, 0));
    socket.input.set(Some(caller.representation::<InputStream>(input)));
    socket.output.set(Some(caller.representation::<OutputStream>(output)));
    socket.children.set(socket.children.get() + 2);
    [input, output]
}

/// Closes the streams of a socket for which this isn't over yet.
pub fn close(socket: &TcpSocket, receiving: bool, sending: bool) {
    if let (true, Some(input)) = (receiving, socket.input.get()) {
        InputStream::at(input).closed.set(true);
    }
    if let (true, Some(output)) = (sending, socket.output.get()) {
        OutputStream::at(output).closed.set(true);
    }
}
