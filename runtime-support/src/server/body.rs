//! The body of a request: what of it has arrived, without its framing.

use core::cell::Cell;

use wasm_aot_abi::http::chunks::{Chunks, Piece};
use wasm_aot_abi::http::fields::{self, SectionEnd};
use wasm_aot_abi::http::head::Body as Framing;

use super::connection::{Connection, Received};
use crate::sys::Errno;

/// Looks whether all of a body has arrived, without reading it.
#[derive(Clone, Copy, Default)]
pub struct Scan {
    /// Bytes behind the head that have been looked at.
    scanned: usize,
    chunks: Chunks,
    trailers: SectionEnd,
    done: bool,
}

impl Scan {
    /// Whether the body, which begins at the front of `bytes`, is complete, or wrong: then, too, there is nothing to wait for.
    pub fn is_complete(&mut self, framing: Framing, bytes: &[u8]) -> bool {
        if let Framing::Length(length) = framing {
            return bytes.len() as u64 >= length;
        }
        while !self.done && !self.chunks.is_at_trailers() {
            let rest = bytes.get(self.scanned..).unwrap_or_default();
            match self.chunks.next(rest) {
                Ok(Piece { framing: 0, data: 0 }) => return false,
                Ok(Piece { framing, data }) => {
                    self.chunks.take(data);
                    self.scanned += framing + data;
                }
                Err(_) => self.done = true,
            }
        }
        if !self.done {
            let rest = bytes.get(self.scanned..).unwrap_or_default();
            self.done = !matches!(self.trailers.find(rest), Ok(None));
        }
        self.done
    }
}

/// How far a body has been read.
#[derive(Clone, Copy)]
enum State {
    /// So many bytes are left.
    Length(u64),
    Chunked(Chunks),
    Trailers(SectionEnd),
    /// With the bytes of the trailers, which are unread.
    Ended(usize),
    Failed(Errno),
}

/// What is there of a body.
#[derive(Clone, Copy)]
pub enum Progress {
    /// So many bytes of it are the next unread ones.
    Data(usize),
    /// Nothing, until more arrives.
    Waiting,
    Ended,
    Failed(Errno),
}

pub struct Body {
    state: Cell<State>,
    /// Bytes that the guest may read, at most.
    left: Cell<u64>,
    /// Bytes of data that have been read.
    taken: Cell<u64>,
}

impl Body {
    pub const fn none() -> Body {
        Body { state: Cell::new(State::Ended(0)), left: Cell::new(0), taken: Cell::new(0) }
    }

    /// Begins with the body of a request. `most`: bytes of it, at most.
    pub fn begin(&self, framing: Framing, most: u64) {
        self.left.set(most);
        self.taken.set(0);
        self.state.set(match framing {
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Chunked(Chunks::default()),
        });
    }

    fn fail(&self, error: Errno) -> Progress {
        self.state.set(State::Failed(error));
        Progress::Failed(error)
    }

    /// What is there.
    pub fn progress(&self, connection: &Connection) -> Progress {
        loop {
            let unread = connection.unread();
            match self.state.get() {
                State::Failed(error) => return Progress::Failed(error),
                State::Ended(_) => return Progress::Ended,
                State::Length(0) => self.state.set(State::Ended(0)),
                State::Length(left) if !unread.is_empty() => {
                    return Progress::Data(
                        usize::try_from(left).map_or(unread.len(), |left| left.min(unread.len())),
                    );
                }
                State::Chunked(mut chunks) if !chunks.is_at_trailers() => {
                    let Ok(Piece { framing, data }) = chunks.next(unread) else {
                        return self.fail(Errno::PROTO);
                    };
                    connection.consume(framing);
                    self.state.set(State::Chunked(chunks));
                    if data > 0 {
                        return Progress::Data(data);
                    }
                    if !chunks.is_at_trailers() {
                        return self.wait(connection);
                    }
                }
                State::Chunked(_) => self.state.set(State::Trailers(SectionEnd::default())),
                State::Trailers(mut end) => match end.find(unread) {
                    Ok(Some(bytes)) => {
                        let section = unread.get(..bytes - 2).unwrap_or_default();
                        if fields::check(section).is_err() {
                            return self.fail(Errno::PROTO);
                        }
                        self.state.set(State::Ended(bytes));
                    }
                    Ok(None) => {
                        self.state.set(State::Trailers(end));
                        return self.wait(connection);
                    }
                    Err(_) => return self.fail(Errno::PROTO),
                },
                State::Length(_) => return self.wait(connection),
            }
        }
    }

    fn wait(&self, connection: &Connection) -> Progress {
        if connection.ended.get() { self.fail(Errno::CONNRESET) } else { Progress::Waiting }
    }

    /// Receives more, when nothing is there; whether something has changed.
    pub fn receive(&self, connection: &Connection) -> bool {
        match connection.receive() {
            Received::Nothing => false,
            // Trailers that don't fit.
            Received::Full => {
                self.fail(Errno::PROTO);
                true
            }
            Received::Some | Received::End | Received::Failed => true,
        }
    }

    /// Whether a guest's reads can bypass the input: bytes of the body alone follow.
    pub fn direct(&self) -> Option<u64> {
        match self.state.get() {
            State::Length(left) if left > 0 => Some(left),
            _ => None,
        }
    }

    /// Notes that bytes of data have been read, from the unread ones unless they bypassed them.
    pub fn take(&self, connection: &Connection, bytes: usize, is_direct: bool) {
        self.taken.set(self.taken.get() + bytes as u64);
        match self.state.get() {
            State::Length(left) => self.state.set(State::Length(left - bytes as u64)),
            State::Chunked(mut chunks) => {
                chunks.take(bytes);
                self.state.set(State::Chunked(chunks));
            }
            _ => {}
        }
        if !is_direct {
            connection.consume(bytes);
        }
        match self.left.get().checked_sub(bytes as u64) {
            Some(left) => self.left.set(left),
            None => _ = self.fail(Errno::FBIG),
        }
    }

    /// Bytes of data that have been read.
    pub fn taken(&self) -> u64 {
        self.taken.get()
    }

    /// The lines of the trailers, once all of the body has been read; valid as `Connection::bytes`.
    pub fn trailers(&self, connection: &Connection) -> &'static [u8] {
        match self.state.get() {
            State::Ended(bytes) if bytes > 2 => connection.unread().get(..bytes - 2).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Throws away what is there of the data, so that the trailers are next.
    pub fn drain_to_end(&self, connection: &Connection) {
        loop {
            match self.progress(connection) {
                Progress::Data(bytes) => self.take(connection, bytes, false),
                Progress::Waiting if self.receive(connection) => {}
                _ => return,
            }
        }
    }

    /// Throws away what is left of it, as far as it is there or arrives at once; whether that is all.
    pub fn drain(&self, connection: &Connection, most: usize) -> bool {
        let mut drained = 0;
        loop {
            match self.progress(connection) {
                Progress::Data(bytes) => {
                    drained += bytes;
                    self.take(connection, bytes, false);
                }
                Progress::Waiting if drained > most || !self.receive(connection) => return false,
                Progress::Waiting => {}
                Progress::Failed(_) => return false,
                Progress::Ended => {
                    if let State::Ended(bytes) = self.state.replace(State::Ended(0)) {
                        connection.consume(bytes);
                    }
                    return true;
                }
            }
        }
    }
}
