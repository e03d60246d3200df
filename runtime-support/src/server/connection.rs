//! Connections, and their buffers: in address space that is reserved at start, so that there is a limit, and memory is used
//! for those that are open only.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::http::fields::SectionEnd;
use wasm_aot_abi::http::head::Body;

use super::body::Scan;
use crate::sys::file::{self, Fd, IoVec, Position};
use crate::sys::server::{self, Interest};
use crate::sys::{Errno, map};

/// Connections that are open at a time, at most; others wait in the system's queue.
const MOST: usize = 1024;

/// Descriptors that are left to the component, and to what the runtime opens beside connections.
const OTHERS: usize = 256;

/// Bytes that have been received and not been used yet, at most.
pub const INPUT: usize = 64 << 10;

/// Bytes that are still to be sent, at most.
pub const OUTPUT: usize = 64 << 10;

/// Bytes of a request's head, at most: behind it there is room for a part of the body.
pub const MOST_HEAD: usize = 48 << 10;

/// Parts of a response that are sent at once, at most.
const MOST_PARTS: usize = 5;

/// What is to be done with a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Free,
    /// Receives a request's head, and the part of its body for which there is room.
    Reading,
    /// Sends what is left of a response, and then is read again, or closed.
    Sending {
        again: bool,
    },
    /// Nothing more is sent; what still arrives is thrown away, so that the client sees the response before the end.
    Lingering,
}

/// How receiving has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Some,
    /// Nothing has arrived.
    Nothing,
    /// The client sends nothing more.
    End,
    Failed,
    /// There is no room.
    Full,
}

/// What the head of a request says of its body.
#[derive(Clone, Copy)]
pub struct Expected {
    pub framing: Body,
    /// Whether the client sends it only when it is told to.
    pub continues: bool,
}

impl Expected {
    const NOTHING: Expected = Expected { framing: Body::Length(0), continues: false };
}

pub struct Connection {
    pub number: u32,
    pub fd: Cell<Fd>,
    pub state: Cell<State>,
    pub interest: Cell<Interest>,
    /// Where the request begins in the input, and where the bytes begin that nobody has read.
    pub start: Cell<usize>,
    pub cursor: Cell<usize>,
    end: Cell<usize>,
    /// The search for the end of the head, its bytes (0: not found yet), what it says of the body, and the search for the end
    /// of that.
    pub head_end: Cell<SectionEnd>,
    pub head: Cell<usize>,
    pub body: Cell<Expected>,
    pub scan: Cell<Scan>,
    /// When the head was complete, in nanoseconds of the monotonic clock.
    pub complete: Cell<u64>,
    /// What is still to be sent is there in the output.
    unsent: Cell<usize>,
    filled: Cell<usize>,
    /// When it is given up.
    pub deadline: Cell<u64>,
    /// Whether the client sends nothing more.
    pub ended: Cell<bool>,
    /// Whether nothing can be sent any more.
    pub failed: Cell<bool>,
    /// Whether a request may be complete in the input.
    pub is_ready: Cell<bool>,
}

/// The connections, and the first of their buffers.
static mut TABLE: (*const Connection, *mut u8) = (ptr::null(), ptr::null_mut());

/// Asks for as many descriptors as connections and the component need, before there are workers.
pub fn allow() {
    server::allow_descriptors((MOST + OTHERS) as u64);
}

/// How many connections there can be when the process may have so many descriptors, of which `used` are: of few, half are left
/// to the component.
fn most(descriptors: u64, used: Fd) -> usize {
    let free = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(used as usize);
    (free - OTHERS.min(free / 2)).clamp(1, MOST)
}

/// Reserves memory for all connections; whether there was room. `last`: the descriptor that was opened last.
pub fn prepare(last: Fd) -> bool {
    // SAFETY: there is one thread.
    unsafe { COUNT = most(server::allow_descriptors(0), last + 1) };
    let table = (MOST * size_of::<Connection>()).next_multiple_of(64 << 10);
    let Ok(start) = map::map(0, table + MOST * (INPUT + OUTPUT), true) else { return false };
    let connections = start.cast::<Connection>();
    for number in 0..MOST {
        // SAFETY: the first `MOST` are in the mapping; there is one thread.
        unsafe { connections.add(number).write(Connection::free(number as u32)) };
    }
    // SAFETY: as above.
    unsafe { TABLE = (connections, start.add(table)) };
    true
}

/// How many `used` has.
static mut USED: usize = 0;

/// How many connections there can be.
static mut COUNT: usize = 0;

/// All of them, after `prepare`.
pub fn all() -> &'static [Connection] {
    // SAFETY: the first `MOST` are initialised by `prepare`; what changes in them is in cells, and there is one thread.
    unsafe { core::slice::from_raw_parts(TABLE.0, COUNT) }
}

/// Whether one has been closed since this was asked last.
static mut CLOSED: bool = false;

/// Whether one has been closed since this was asked last: then there is room for others.
pub fn take_closed() -> bool {
    // SAFETY: there is one thread.
    unsafe { (&raw mut CLOSED).replace(false) }
}

/// The first of them, among which are all that aren't free.
pub fn used() -> &'static [Connection] {
    // SAFETY: there is one thread.
    all().get(..unsafe { USED }).unwrap_or_default()
}

/// Finds out again how many of them are in use.
pub fn count_used() {
    let is_used = |connection: &Connection| connection.state.get() != State::Free;
    // SAFETY: there is one thread.
    unsafe { USED = used().iter().rposition(is_used).map_or(0, |last| last + 1) };
}

impl Connection {
    fn free(number: u32) -> Connection {
        Connection {
            number,
            fd: Cell::new(-1),
            state: Cell::new(State::Free),
            interest: Cell::new(Interest::Nothing),
            start: Cell::new(0),
            cursor: Cell::new(0),
            end: Cell::new(0),
            head_end: Cell::new(SectionEnd::default()),
            head: Cell::new(0),
            body: Cell::new(Expected::NOTHING),
            scan: Cell::new(Scan::default()),
            complete: Cell::new(0),
            unsent: Cell::new(0),
            filled: Cell::new(0),
            deadline: Cell::new(0),
            ended: Cell::new(false),
            failed: Cell::new(false),
            is_ready: Cell::new(false),
        }
    }

    /// Begins with a new client.
    pub fn open(&self, fd: Fd) {
        self.fd.set(fd);
        self.state.set(State::Reading);
        self.interest.set(Interest::Readable);
        self.start.set(0);
        self.cursor.set(0);
        self.end.set(0);
        self.unsent.set(0);
        self.filled.set(0);
        self.ended.set(false);
        self.failed.set(false);
        self.next_request();
        // SAFETY: there is one thread.
        unsafe { USED = USED.max(self.number as usize + 1) };
    }

    /// Forgets what is known of a request: the next one begins at the cursor.
    pub fn next_request(&self) {
        self.start.set(self.cursor.get());
        if self.start.get() == self.end.get() {
            self.start.set(0);
            self.cursor.set(0);
            self.end.set(0);
        }
        self.head_end.set(SectionEnd::default());
        self.head.set(0);
        self.scan.set(Scan::default());
        self.is_ready.set(self.cursor.get() != self.end.get());
    }

    pub fn close(&self) {
        file::close(self.fd.get());
        // Others may need the memory. What is left of it is of no use to anybody.
        // SAFETY: the buffers are this connection's.
        _ = unsafe { server::restore(self.input_start(), INPUT + OUTPUT) };
        self.state.set(State::Free);
        self.is_ready.set(false);
        // SAFETY: there is one thread.
        unsafe { CLOSED = true };
    }

    fn input_start(&self) -> *mut u8 {
        // SAFETY: `prepare` has made buffers for each number.
        unsafe { TABLE.1.add(self.number as usize * (INPUT + OUTPUT)) }
    }

    fn output_start(&self) -> *mut u8 {
        self.input_start().wrapping_add(INPUT)
    }

    /// Bytes of the input from one offset to another, which is at most the end. They are valid until something is received
    /// or the request has ended.
    pub fn bytes(&self, from: usize, to: usize) -> &'static [u8] {
        assert!(from <= to && to <= self.end.get());
        // SAFETY: they have been received; what is written there later is written behind the end, or when nobody reads it.
        unsafe { core::slice::from_raw_parts(self.input_start().add(from), to - from) }
    }

    /// The bytes of the request, and what follows.
    pub fn request(&self) -> &'static [u8] {
        self.bytes(self.start.get(), self.end.get())
    }

    /// The bytes that nobody has read.
    pub fn unread(&self) -> &'static [u8] {
        self.bytes(self.cursor.get(), self.end.get())
    }

    /// Whether there is no request, or a part of one.
    pub fn is_idle(&self) -> bool {
        self.state.get() == State::Reading && self.start.get() == self.end.get()
    }

    /// Whether empty lines have arrived, and nothing else.
    pub fn is_blank(&self) -> bool {
        self.unread().iter().all(|byte| matches!(byte, b'\r' | b'\n'))
    }

    /// Notes that bytes have been read.
    pub fn consume(&self, bytes: usize) {
        self.cursor.set(self.cursor.get() + bytes);
    }

    /// Moves the unread bytes to this place, before the cursor.
    fn move_unread(&self, to: usize) {
        let (from, end) = (self.cursor.get(), self.end.get());
        // SAFETY: both ranges are in the input.
        unsafe { ptr::copy(self.input_start().add(from), self.input_start().add(to), end - from) };
        self.cursor.set(to);
        self.end.set(to + end - from);
    }

    /// Makes room: what has been read of the body isn't needed any more. Before a request begins, nothing has been read.
    fn make_room(&self) {
        let keep = self.start.get() + self.head.get();
        if self.cursor.get() > keep {
            self.move_unread(keep);
        } else if self.start.get() > 0 && self.head.get() == 0 {
            self.move_unread(0);
            self.start.set(0);
        }
    }

    /// Before a request is answered: there is room behind its head.
    pub fn settle(&self) {
        if self.start.get() > 0 && INPUT - self.end.get() < INPUT / 4 {
            self.cursor.set(self.start.get());
            self.move_unread(0);
            self.start.set(0);
        }
        self.cursor.set(self.start.get() + self.head.get());
    }

    /// Whether nothing more can be received until something has been read.
    pub fn is_full(&self) -> bool {
        self.end.get() == INPUT
    }

    /// Receives what has arrived.
    pub fn receive(&self) -> Received {
        if self.end.get() == INPUT {
            self.make_room();
        }
        let room = INPUT - self.end.get();
        if room == 0 {
            return Received::Full;
        }
        let piece = IoVec { base: self.input_start().wrapping_add(self.end.get()), length: room };
        // SAFETY: the room is in the input, and nobody reads it.
        match unsafe { file::read(self.fd.get(), &[piece], Position::Current) } {
            Ok(0) => {
                self.ended.set(true);
                Received::End
            }
            Ok(bytes) => {
                self.end.set(self.end.get() + bytes);
                Received::Some
            }
            Err(Errno::AGAIN) => Received::Nothing,
            Err(_) => {
                self.ended.set(true);
                self.failed.set(true);
                Received::Failed
            }
        }
    }

    /// Receives bytes into other memory, when none is unread.
    pub fn receive_into(&self, buffer: &mut [u8]) -> crate::sys::Result<usize> {
        let piece = IoVec { base: buffer.as_mut_ptr(), length: buffer.len() };
        // SAFETY: the buffer may be written.
        let received = unsafe { file::read(self.fd.get(), &[piece], Position::Current) };
        if matches!(received, Ok(0)) {
            self.ended.set(true);
        }
        received
    }

    /// Bytes that are still to be sent.
    pub fn unsent(&self) -> usize {
        self.filled.get() - self.unsent.get()
    }

    /// Bytes that can be given to `send` now.
    pub fn room(&self) -> usize {
        OUTPUT - self.unsent()
    }

    /// Forgets what was to be sent.
    pub fn forget_output(&self) {
        self.unsent.set(0);
        self.filled.set(0);
    }

    /// Sends as much as the client takes.
    pub fn flush(&self) {
        self.send(&[]);
    }

    /// Keeps bytes until something else is sent. There must be room.
    pub fn put(&self, bytes: &[u8]) {
        if self.failed.get() {
            return;
        }
        assert!(bytes.len() <= self.room());
        let output = self.output_start();
        // SAFETY: both ranges are in the output, of which `room` bytes are free behind the moved ones.
        unsafe {
            if OUTPUT - self.filled.get() < bytes.len() {
                ptr::copy(output.add(self.unsent.get()), output, self.unsent());
                self.filled.set(self.unsent());
                self.unsent.set(0);
            }
            ptr::copy_nonoverlapping(bytes.as_ptr(), output.add(self.filled.get()), bytes.len());
        }
        self.filled.set(self.filled.get() + bytes.len());
    }

    /// Sends bytes before what is still to be sent, of which nothing has been sent. A client that doesn't even take these
    /// few has failed.
    pub fn send_before(&self, bytes: &[u8]) {
        let piece = IoVec { base: bytes.as_ptr().cast_mut(), length: bytes.len() };
        // SAFETY: the piece is read only.
        let sent = unsafe { file::write(self.fd.get(), &[piece], Position::Current) };
        if sent != Ok(bytes.len()) {
            self.failed.set(true);
            self.forget_output();
        }
    }

    /// Sends parts of a response behind what is still to be sent; what the client doesn't take at once is kept. There must
    /// be room for all of them.
    pub fn send(&self, parts: &[&[u8]]) {
        if self.failed.get() {
            return;
        }
        let mut pieces = [IoVec { base: ptr::null_mut(), length: 0 }; MOST_PARTS + 1];
        let kept = IoVec { base: self.output_start().wrapping_add(self.unsent.get()), length: self.unsent() };
        let all = parts.iter().map(|part| IoVec { base: part.as_ptr().cast_mut(), length: part.len() });
        let mut count = 0;
        for (to, piece) in
            pieces.iter_mut().zip([kept].into_iter().chain(all).filter(|piece| piece.length > 0))
        {
            *to = piece;
            count += 1;
        }
        let pieces = pieces.get(..count).unwrap_or_default();
        if pieces.is_empty() {
            return;
        }
        // SAFETY: the pieces are memory that exists; it is read only.
        let mut sent = match unsafe { file::write(self.fd.get(), pieces, Position::Current) } {
            Ok(sent) => sent,
            Err(Errno::AGAIN) => 0,
            Err(_) => {
                self.failed.set(true);
                return self.forget_output();
            }
        };
        let of_kept = sent.min(self.unsent());
        self.unsent.set(self.unsent.get() + of_kept);
        sent -= of_kept;
        if self.unsent() == 0 {
            self.forget_output();
        }
        for part in parts {
            let of_part = sent.min(part.len());
            sent -= of_part;
            self.put(part.get(of_part..).unwrap_or_default());
        }
    }
}
