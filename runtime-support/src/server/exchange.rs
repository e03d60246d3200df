//! The request that is being answered, and its response. There is one at a time: `wasi2::http` works on it.

use core::cell::Cell;

use wasm_aot_abi::http::fields;
use wasm_aot_abi::http::head::Head;
use wasm_aot_abi::http::{Refusal, date, decimal, status};

use super::body::{Body, Progress};
use super::connection::Connection;
use super::instance::{self, Outcome};
use crate::line::Line;
use crate::sys::Errno;
use crate::sys::clock::{self, Clock};
use crate::sys::file::Fd;
use crate::sys::server;
use crate::sys::socket;

/// Seconds that a client may let the guest wait in all, for the request's body and for room for the response.
const WAIT_SECONDS: u64 = 30;

/// Bytes of both for which it has one second more.
const BYTES_PER_SECOND: u64 = 1 << 10;

/// Bytes of a body that nobody reads which are thrown away, at most; with more, the connection is closed.
const MOST_DRAINED: usize = 256 << 10;

/// Bytes of output beside data, at most: a chunk's frame and the end of the body.
const FRAME: usize = 64;

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum After {
    Again,
    Close,
    /// The client mustn't take what it has for the whole.
    Cut,
}

/// How the client finds the end of the response's body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// So many bytes are left.
    Length(u64),
    Chunked,
    UntilClose,
    /// There is none, whatever the guest writes.
    Discarded,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Response {
    None,
    Open(Framing),
    Ended,
    /// It can't be completed.
    Broken,
}

/// What the guest waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Waits {
    body: bool,
    room: bool,
}

impl Waits {
    const NOT: Waits = Waits { body: false, room: false };
}

struct Exchange {
    connection: Cell<Option<&'static Connection>>,
    head: Cell<Option<Head<'static>>>,
    body: Body,
    /// Whether the client still waits for 100 (Continue).
    continues: Cell<bool>,
    response: Cell<Response>,
    /// Bytes of the response's body that the guest has written.
    written: Cell<u64>,
    keep_alive: Cell<bool>,
    /// Whether something of the response has been sent.
    is_sent: Cell<bool>,
    waits: Cell<Waits>,
    /// When it began to wait, in nanoseconds.
    waits_since: Cell<u64>,
    /// How long it has waited before.
    waited: Cell<u64>,
    /// Whether responses are the last ones of their connections.
    stopping: Cell<bool>,
}

// SAFETY: there is one thread.
unsafe impl Sync for Exchange {}

static EXCHANGE: Exchange = Exchange {
    connection: Cell::new(None),
    head: Cell::new(None),
    body: Body::none(),
    continues: Cell::new(false),
    response: Cell::new(Response::None),
    written: Cell::new(0),
    keep_alive: Cell::new(false),
    is_sent: Cell::new(false),
    waits: Cell::new(Waits::NOT),
    waits_since: Cell::new(0),
    waited: Cell::new(0),
    stopping: Cell::new(false),
};

/// Has each further response be the last one of its connection.
pub fn stop() {
    EXCHANGE.stopping.set(true);
}

/// The head of the request.
pub fn head() -> Option<Head<'static>> {
    EXCHANGE.head.get()
}

/// Answers a request by an instance.
pub fn answer(connection: &'static Connection, head: Head<'static>, most_body: u64) -> After {
    let this = &EXCHANGE;
    // The head may move to the front.
    let method = head.method.as_ptr();
    connection.settle();
    let head = if connection.request().as_ptr() == method {
        head
    } else {
        let bytes = connection.request().get(..connection.head.get()).unwrap_or_default();
        wasm_aot_abi::http::head::parse(bytes).unwrap_or(head)
    };
    this.connection.set(Some(connection));
    this.head.set(Some(head));
    this.body.begin(head.body, most_body);
    this.continues.set(head.expects_continue);
    this.response.set(Response::None);
    this.written.set(0);
    // What follows CONNECT isn't for this server, whether it agrees or not: the client may have sent it at once.
    this.keep_alive.set(head.keep_alive && !this.stopping.get() && head.method != b"CONNECT");
    this.is_sent.set(false);
    this.waited.set(0);
    let outcome = instance::run();
    let after = this.finish(connection, outcome);
    instance::reset();
    this.connection.set(None);
    this.head.set(None);
    after
}

/// Answers a request that isn't one.
pub fn refuse(connection: &Connection, refusal: Refusal) {
    connection.forget_output();
    write_simple(connection, refusal.0, false);
}

/// Writes a response without a body.
fn write_simple(connection: &Connection, status: u16, keep_alive: bool) {
    write_line(connection, status);
    write_date(connection);
    connection.put(b"content-length: 0\r\n");
    connection.put(if keep_alive { b"\r\n" } else { b"connection: close\r\n\r\n" });
}

fn write_line(connection: &Connection, status: u16) {
    let mut line = Line::<80>::new();
    line.text(b"HTTP/1.1 ").number(status.into(), 10).text(b" ").text(status::reason(status)).text(b"\r\n");
    connection.put(line.bytes());
}

fn write_date(connection: &Connection) {
    let seconds = clock::now_often(Clock::Realtime).unwrap_or(0) / 1_000_000_000;
    connection.put(b"date: ");
    connection.put(&date::write(seconds));
    connection.put(b"\r\n");
}

impl Exchange {
    /// What is left to do when the instance is no more.
    fn finish(&self, connection: &'static Connection, outcome: Outcome) -> After {
        self.set_waits(Waits::NOT);
        let keep_alive = self.keep_alive.get();
        let complete = match self.response.get() {
            Response::Ended => true,
            // All of it has been written, though its body wasn't ended.
            Response::Open(Framing::Length(0) | Framing::Discarded) => {
                self.is_sent.get() || outcome != Outcome::Trapped
            }
            _ => false,
        };
        if !complete {
            if self.is_sent.get() {
                // The client sees the end before there is all; if the end is that of the connection, it must see an error.
                let ends_with_connection = self.response.get() == Response::Open(Framing::UntilClose);
                return if ends_with_connection { After::Cut } else { After::Close };
            }
            // The client hasn't seen anything of it.
            connection.forget_output();
            write_simple(connection, 500, keep_alive);
        }
        // A client that still waits for 100 may send the body, or not.
        let is_read = !self.continues.get() && self.body.drain(connection, MOST_DRAINED);
        if is_read && keep_alive { After::Again } else { After::Close }
    }

    /// Notes what the guest waits for. The client has a time for all of it, of which each wait takes a part: so nobody keeps
    /// the process by a byte now and then.
    fn set_waits(&self, waits: Waits) {
        let waited = self.waits.replace(waits) != Waits::NOT;
        if waited == (waits != Waits::NOT) {
            return;
        }
        let now = clock::now_often(Clock::Monotonic).unwrap_or(0);
        if waited {
            self.waited.set(self.waited.get() + now.saturating_sub(self.waits_since.get()));
            return server::set_alarm(0, client_is_slow);
        }
        self.waits_since.set(now);
        let moved = self.written.get() + self.body.taken();
        let seconds = WAIT_SECONDS + moved / BYTES_PER_SECOND;
        match seconds.saturating_sub(self.waited.get() / 1_000_000_000) {
            0 => client_is_slow(),
            left => server::set_alarm(left, client_is_slow),
        }
    }

    fn wait_for_body(&self, waits: bool) {
        self.set_waits(Waits { body: waits, ..self.waits.get() });
    }

    fn wait_for_room(&self, waits: bool) {
        self.set_waits(Waits { room: waits, ..self.waits.get() });
    }
}

/// Ends the connection: whoever waits for it sees the end.
extern "C" fn client_is_slow() {
    if let Some(connection) = EXCHANGE.connection.get() {
        _ = socket::shutdown(connection.fd.get(), true, true);
    }
}

/// The connection; only host functions ask, which run while there is one.
fn connection() -> &'static Connection {
    let Some(connection) = EXCHANGE.connection.get() else { unreachable!("there is a request") };
    connection
}

/// What is there of the request's body. Whoever gets `Waiting` waits for the descriptor to be readable.
pub fn body_progress() -> Progress {
    let this = &EXCHANGE;
    let connection = connection();
    let progress = this.body.progress(connection);
    match progress {
        Progress::Waiting => {
            // The client may wait for what it hasn't got.
            if !this.is_sent.get() && this.continues.replace(false) {
                connection.send_before(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            flush();
            this.wait_for_body(true);
        }
        _ => this.wait_for_body(false),
    }
    progress
}

/// The descriptor that becomes readable when more of the body arrives, or writable when more of the response can be sent.
pub fn descriptor() -> Fd {
    connection().fd.get()
}

/// Reads some bytes of the body without waiting: 0 if there are none yet. `None` at its end.
pub fn read_body(buffer: &mut [u8]) -> Result<Option<usize>, Errno> {
    let this = &EXCHANGE;
    let connection = connection();
    loop {
        match this.body.progress(connection) {
            Progress::Data(bytes) => {
                let bytes = bytes.min(buffer.len());
                let data = connection.unread().get(..bytes).unwrap_or_default();
                buffer.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
                this.body.take(connection, bytes, false);
                return Ok(Some(bytes));
            }
            Progress::Ended => return Ok(None),
            Progress::Failed(error) => return Err(error),
            Progress::Waiting => {}
        }
        if let Some(left) = this.body.direct() {
            let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            match connection.receive_into(buffer.get_mut(..most).unwrap_or_default()) {
                Ok(bytes) if bytes > 0 => {
                    this.body.take(connection, bytes, true);
                    this.wait_for_body(false);
                    return Ok(Some(bytes));
                }
                Err(Errno::AGAIN) => {
                    body_progress();
                    return Ok(Some(0));
                }
                // The end of the connection, which `progress` sees.
                _ => connection.ended.set(true),
            }
        } else if !this.body.receive(connection) {
            body_progress();
            return Ok(Some(0));
        }
    }
}

/// The trailers of a body that has been read.
pub fn trailers() -> &'static [u8] {
    EXCHANGE.body.trailers(connection())
}

/// Throws away what is there of the body.
pub fn drain_body() {
    EXCHANGE.body.drain_to_end(connection());
}

/// The fields of a response, in order: calls its argument with each.
pub type EachField<'a> = &'a dyn Fn(&mut dyn FnMut(&[u8], &[u8]));

/// Begins the response. `has_body`: the guest may write one. Whether the fields make sense and aren't too many.
pub fn respond(status: u16, each: EachField<'_>, has_body: bool) -> bool {
    let this = &EXCHANGE;
    let (connection, Some(head)) = (connection(), this.head.get()) else { return false };
    let (mut bytes, mut length, mut wrong, mut dated) = (0, None, false, false);
    each(&mut |name, value| {
        bytes += name.len() + value.len() + 4;
        dated |= name == b"date";
        if name == b"content-length" {
            wrong |= length.is_some() || decimal(value).is_none();
            length = decimal(value);
        }
    });
    // Beside the fields there are a line, and fields of ours.
    if wrong || bytes + 512 > connection.room() || status < 200 {
        return false;
    }
    let bodiless = status::is_bodiless(status) || head.method == b"CONNECT" && status < 300;
    let framing = match (bodiless || head.method == b"HEAD", has_body, length) {
        (true, ..) => Framing::Discarded,
        (false, _, Some(length)) => Framing::Length(length),
        (false, false, None) => Framing::Length(0),
        (false, true, None) if head.is_old => Framing::UntilClose,
        (false, true, None) => Framing::Chunked,
    };
    if framing == Framing::UntilClose {
        this.keep_alive.set(false);
    }
    write_line(connection, status);
    each(&mut |name, value| {
        if !(bodiless && status != 304 && name == b"content-length") {
            for part in [name, b": ", value, b"\r\n"] {
                connection.put(part);
            }
        }
    });
    if !dated {
        write_date(connection);
    }
    match framing {
        Framing::Chunked => connection.put(b"transfer-encoding: chunked\r\n"),
        Framing::Length(0) if length.is_none() => connection.put(b"content-length: 0\r\n"),
        _ => {}
    }
    match (this.keep_alive.get(), head.is_old) {
        (false, _) => connection.put(b"connection: close\r\n"),
        (true, true) => connection.put(b"connection: keep-alive\r\n"),
        (true, false) => {}
    }
    connection.put(b"\r\n");
    let is_empty = !has_body && matches!(framing, Framing::Length(0) | Framing::Discarded);
    this.response.set(if is_empty { Response::Ended } else { Response::Open(framing) });
    true
}

/// Whether a guest that writes is told that nobody reads: as in wasmtime for responses without bodies, but not for HEAD.
pub fn is_closed() -> bool {
    match EXCHANGE.response.get() {
        Response::Open(Framing::Discarded) => EXCHANGE.head.get().is_none_or(|head| head.method != b"HEAD"),
        Response::Open(_) => connection().failed.get(),
        _ => true,
    }
}

/// Bytes that `write` takes now. Sends what is kept, if there is little room.
pub fn room() -> usize {
    let connection = connection();
    if connection.room() < FRAME + 4096 {
        flush();
    }
    let room = connection.room().saturating_sub(FRAME);
    EXCHANGE.wait_for_room(room == 0);
    room
}

/// Writes a part of the response's body, as much of it as there is room for.
///
/// # Errors
/// If it is more than the response has announced, or nobody reads it.
pub fn write(data: &[u8]) -> Result<usize, Errno> {
    let this = &EXCHANGE;
    let connection = connection();
    let Response::Open(framing) = this.response.get() else { return Err(Errno::PIPE) };
    let bytes = if framing == Framing::Discarded { data.len() } else { data.len().min(room()) };
    let data = data.get(..bytes).unwrap_or_default();
    if data.is_empty() {
        return Ok(0);
    }
    match framing {
        Framing::Discarded => return Ok(bytes),
        Framing::Length(left) => {
            let Some(left) = left.checked_sub(bytes as u64) else {
                this.response.set(Response::Broken);
                return Err(Errno::FBIG);
            };
            this.response.set(Response::Open(Framing::Length(left)));
            connection.send(&[data]);
        }
        Framing::UntilClose => connection.send(&[data]),
        Framing::Chunked => {
            let mut size = Line::<24>::new();
            size.number(bytes, 16).text(b"\r\n");
            connection.send(&[size.bytes(), data, b"\r\n"]);
        }
    }
    this.is_sent.set(true);
    this.written.set(this.written.get() + bytes as u64);
    if connection.failed.get() { Err(Errno::PIPE) } else { Ok(bytes) }
}

/// Writes all of it, for which it waits, unless nobody reads it or it is too much.
pub fn write_all(mut data: &[u8]) {
    while !data.is_empty() {
        match write(data) {
            Ok(0) => wait_writable(connection()),
            Ok(bytes) => data = data.get(bytes..).unwrap_or_default(),
            Err(_) => return,
        }
    }
}

/// Sends what is kept.
pub fn flush() {
    let connection = connection();
    if connection.unsent() > 0 {
        EXCHANGE.is_sent.set(true);
        connection.flush();
    }
}

/// Ends the response's body, with trailers where the client takes them.
///
/// # Errors
/// If it has announced more: with the number of bytes that there are.
pub fn end(trailers: EachField<'_>) -> Result<(), u64> {
    let this = &EXCHANGE;
    let connection = connection();
    match this.response.get() {
        Response::Open(Framing::Length(left)) if left > 0 => {
            this.response.set(Response::Broken);
            return Err(this.written.get());
        }
        Response::Open(Framing::Chunked) => {
            put_all(connection, b"0\r\n");
            if this.head.get().is_some_and(|head| head.takes_trailers) {
                trailers(&mut |name, value| {
                    for part in [name, b": ", value, b"\r\n"] {
                        put_all(connection, part);
                    }
                });
            }
            put_all(connection, b"\r\n");
            this.response.set(Response::Ended);
        }
        Response::Open(_) => this.response.set(Response::Ended),
        Response::Broken => return Err(this.written.get()),
        Response::None | Response::Ended => {}
    }
    flush();
    Ok(())
}

/// Keeps bytes as `Connection::put` does, and waits for room.
fn put_all(connection: &Connection, mut bytes: &[u8]) {
    while !bytes.is_empty() && !connection.failed.get() {
        let (part, rest) = bytes.split_at(bytes.len().min(connection.room()));
        connection.put(part);
        bytes = rest;
        if !bytes.is_empty() {
            wait_writable(connection);
        }
    }
}

/// Waits until the client takes more, and sends it.
fn wait_writable(connection: &Connection) {
    use crate::sys::poll::{PollFd, poll};
    EXCHANGE.wait_for_room(true);
    _ = poll(&mut [PollFd::writable(connection.fd.get())], None);
    EXCHANGE.wait_for_room(false);
    flush();
}

/// Whether a field may be a trailer of this response: the response has announced it.
pub fn is_announced(announced: &[u8], name: &[u8]) -> bool {
    fields::items(announced).any(|item| item.eq_ignore_ascii_case(name))
}
