//! Waits for connections and for what they send; answers each request that is there as a whole; gives up who is too slow.

use core::mem::MaybeUninit;

use wasm_aot_abi::http::head::{self, Body, Head};
use wasm_aot_abi::http::{Refusal, is_token_byte};

use super::connection::{self, Connection, Expected, INPUT, MOST_HEAD, Received, State};
use super::exchange::{self, After};
use super::options::Options;
use crate::fail::fail;
use crate::sys;
use crate::sys::clock::{self, Clock};
use crate::sys::file::{self, Fd};
use crate::sys::server::{self, Event, Interest};
use crate::sys::{Errno, socket};

const SECOND: u64 = 1_000_000_000;

/// How long a client may take for the head of a request, in nanoseconds.
const HEAD_TIME: u64 = 30 * SECOND;

/// How long a connection may be idle.
const IDLE_TIME: u64 = 60 * SECOND;

/// How long a request waits for the part of its body for which there is room, once its head is there.
const BODY_TIME: u64 = SECOND;

/// How long what a client still sends is thrown away, after a response that is the last one.
const LINGER_TIME: u64 = 2 * SECOND;

/// How often something of it is read before others have their turn.
const MOST_LINGERED: usize = 16;

/// How long a client may take for what is left of a response when its instance is no more: as much as the output holds.
const SEND_TIME: u64 = 60 * SECOND;

/// How long a client may take nothing of a response, in milliseconds.
const SEND_MILLISECONDS: u32 = 30_000;

/// Connections that are accepted at once, at most, before others have their turn.
const MOST_ACCEPTED: usize = 64;

/// What events are about beside connections, which have the numbers below.
const LISTENER: u64 = 1 << 32;
const STOP: u64 = LISTENER + 1;

struct Server<'o> {
    listener: Fd,
    waiter: Fd,
    options: &'o Options,
    /// Whether new connections are waited for.
    accepts: bool,
    stopping: bool,
}

fn now() -> u64 {
    // It doesn't fail on the systems that there are.
    clock::now_often(Clock::Monotonic).unwrap_or(0)
}

/// Answers requests until the process shall end.
pub fn serve(listener: Fd, stop: Fd, options: &Options) -> ! {
    let Ok(waiter) = server::open_waiter() else { fail(b"no descriptors for a server") };
    let prepared = connection::prepare(waiter);
    let added = server::add(waiter, listener, LISTENER, Interest::Readable)
        .and_then(|()| server::add(waiter, stop, STOP, Interest::Readable));
    if !prepared || added.is_err() {
        fail(b"no memory for the connections of a server");
    }
    Server { listener, waiter, options, accepts: true, stopping: false }.run()
}

impl Server<'_> {
    fn run(&mut self) -> ! {
        let mut events = [const { MaybeUninit::new(Event::NONE) }; 256];
        // SAFETY: all are initialised.
        let events = unsafe { events.assume_init_mut() };
        let mut swept = now();
        loop {
            let is_busy = connection::used().iter().any(|connection| connection.is_ready.get());
            let is_open = connection::used().iter().any(|connection| connection.state.get() != State::Free);
            if self.stopping && !is_open {
                sys::exit(0);
            }
            let timeout = match (is_busy, is_open || !self.accepts) {
                (true, _) => Some(0),
                (false, true) => Some(1000),
                (false, false) => None,
            };
            let count = server::wait(self.waiter, events, timeout);
            for event in events.get(..count).unwrap_or_default() {
                match event.data() {
                    LISTENER => self.accept(),
                    STOP => self.stop(),
                    number => {
                        if let Some(connection) = connection::all().get(number as usize) {
                            self.happened(connection);
                        }
                    }
                }
            }
            for connection in connection::used() {
                if connection.is_ready.get() {
                    self.advance(connection);
                }
            }
            if connection::take_closed() {
                self.set_accepts(true);
            }
            let time = now();
            if time >= swept + SECOND {
                swept = time;
                self.sweep(time);
            }
        }
    }

    /// Takes no more connections, and ends those on which there is no request.
    fn stop(&mut self) {
        if self.stopping {
            return;
        }
        self.stopping = true;
        exchange::stop();
        file::close(self.listener);
        for connection in connection::used().iter().filter(|connection| connection.is_idle()) {
            connection.close();
        }
    }

    /// Waits for new connections, or doesn't.
    fn set_accepts(&mut self, accepts: bool) {
        if self.accepts != accepts && !self.stopping {
            let interest = if accepts { Interest::Readable } else { Interest::Nothing };
            if server::change(self.waiter, self.listener, LISTENER, interest).is_ok() {
                self.accepts = accepts;
            }
        }
    }

    fn accept(&mut self) {
        for _ in 0..MOST_ACCEPTED {
            if self.stopping {
                return;
            }
            let free = connection::all().iter().find(|connection| connection.state.get() == State::Free);
            let Some(connection) = free.or_else(idle_for_longest) else { return self.set_accepts(false) };
            match socket::accept(self.listener, true) {
                Ok(fd) => {
                    if connection.state.get() != State::Free {
                        connection.close();
                    }
                    server::tune(fd, SEND_MILLISECONDS);
                    connection.open(fd);
                    connection.deadline.set(now() + HEAD_TIME);
                    if server::add(self.waiter, fd, connection.number.into(), Interest::Readable).is_err() {
                        connection.close();
                        return;
                    }
                    // Most clients have sent their request by now.
                    self.happened(connection);
                }
                Err(Errno::AGAIN) => return,
                // The client has gone.
                Err(Errno::CONNABORTED) => {}
                // As if there were no connection left: the component may have taken descriptors, or other processes memory.
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => match idle_for_longest() {
                    Some(idle) => idle.close(),
                    None => return self.set_accepts(false),
                },
                Err(_) => return self.set_accepts(false),
            }
        }
    }

    /// Changes what is waited for, if it isn't that already.
    fn wait_for(&self, connection: &Connection, interest: Interest) {
        if connection.interest.get() != interest {
            connection.interest.set(interest);
            _ = server::change(self.waiter, connection.fd.get(), connection.number.into(), interest);
        }
    }

    /// Something has happened at a connection.
    fn happened(&mut self, connection: &'static Connection) {
        match connection.state.get() {
            State::Free => {}
            State::Reading => {
                let was_idle = connection.is_idle();
                match connection.receive() {
                    // Empty lines are no request: who sends nothing else is idle.
                    Received::Some if was_idle && !connection.is_blank() => {
                        connection.deadline.set(now() + HEAD_TIME);
                    }
                    Received::Some | Received::End | Received::Full => {}
                    Received::Nothing => return,
                    Received::Failed => return connection.close(),
                }
                connection.is_ready.set(true);
                self.advance(connection);
            }
            State::Sending { .. } => self.send(connection),
            State::Lingering => linger(connection),
        }
    }

    /// Sends what is left of the last response, and of those before it.
    fn begin_sending(&mut self, connection: &'static Connection, again: bool) {
        connection.state.set(State::Sending { again });
        connection.deadline.set(now() + SEND_TIME);
        self.send(connection);
    }

    /// Sends what is left, and goes on.
    fn send(&mut self, connection: &'static Connection) {
        connection.flush();
        if connection.failed.get() {
            return connection.close();
        }
        if connection.unsent() > 0 {
            return self.wait_for(connection, Interest::Writable);
        }
        if connection.state.get() == (State::Sending { again: true })
            && !(self.stopping && connection.is_idle())
        {
            connection.state.set(State::Reading);
            connection.next_request();
            let time = if connection.is_idle() { IDLE_TIME } else { HEAD_TIME };
            connection.deadline.set(now() + time);
            if self.stopping && connection.is_idle() {
                return connection.close();
            }
            return self.wait_for(connection, Interest::Readable);
        }
        // Closing while something unread has arrived would destroy what the client hasn't read yet.
        _ = socket::shutdown(connection.fd.get(), false, true);
        connection.state.set(State::Lingering);
        connection.deadline.set(now() + LINGER_TIME);
        self.wait_for(connection, Interest::Readable);
        linger(connection);
    }

    /// Answers the request of a connection, if it is there.
    fn advance(&mut self, connection: &'static Connection) {
        connection.is_ready.set(false);
        match self.next_request(connection, now()) {
            Next::Wait if connection.ended.get() => connection.close(),
            // Until a part of it has been read, the rest must wait.
            Next::Wait => {}
            Next::Refused(refusal) => {
                exchange::refuse(connection, refusal);
                self.begin_sending(connection, false);
            }
            Next::Request(head) => {
                let after = exchange::answer(connection, head, self.options.most_body);
                if connection.failed.get() || after == After::Cut {
                    server::cut(connection.fd.get());
                    return connection.close();
                }
                self.begin_sending(connection, after == After::Again);
            }
        }
    }

    /// The request of a connection, once its head and the part of its body for which there is room have arrived.
    fn next_request(&self, connection: &'static Connection, time: u64) -> Next {
        if connection.head.get() == 0 {
            match self.find_head(connection, time) {
                Ok(true) => {}
                Ok(false) => return Next::Wait,
                Err(refusal) => return Next::Refused(refusal),
            }
        }
        let request = connection.request();
        let (head, rest) = request.split_at_checked(connection.head.get()).unwrap_or((request, &[]));
        let Expected { framing, continues } = connection.body.get();
        let mut scan = connection.scan.get();
        let is_complete = scan.is_complete(framing, rest);
        connection.scan.set(scan);
        let waits = !is_complete
            && !continues
            && !connection.ended.get()
            && !connection.is_full()
            && time < connection.complete.get() + BODY_TIME;
        if waits {
            return Next::Wait;
        }
        // Not with each packet that arrives: it is long.
        match head::parse(head) {
            Ok(head) => Next::Request(head),
            Err(refusal) => Next::Refused(refusal),
        }
    }

    /// Whether the head of the request is there.
    fn find_head(&self, connection: &Connection, time: u64) -> Result<bool, Refusal> {
        let mut end = connection.head_end.get();
        if end.scanned == 0 {
            // Some clients send an empty line behind a body.
            while connection.request().starts_with(b"\r\n") {
                connection.start.set(connection.start.get() + 2);
                connection.cursor.set(connection.start.get());
            }
            if !matches!(connection.request().first(), None | Some(b'\r'))
                && !connection.request().first().is_some_and(|byte| is_token_byte(*byte))
            {
                return Err(Refusal::MALFORMED);
            }
        }
        let found = end.find(connection.request())?;
        connection.head_end.set(end);
        let Some(bytes) = found else {
            if connection.request().len() < MOST_HEAD {
                return Ok(false);
            }
            let has_line = connection.request().contains(&b'\n');
            return Err(if has_line { Refusal::FIELDS_TOO_LARGE } else { Refusal::TARGET_TOO_LONG });
        };
        if bytes > MOST_HEAD {
            return Err(Refusal::FIELDS_TOO_LARGE);
        }
        let head = head::parse(connection.request().get(..bytes).unwrap_or_default())?;
        if matches!(head.body, Body::Length(length) if length > self.options.most_body) {
            return Err(Refusal::BODY_TOO_LARGE);
        }
        connection.head.set(bytes);
        connection.body.set(Expected { framing: head.body, continues: head.expects_continue });
        connection.complete.set(time);
        Ok(true)
    }

    /// Gives up who is too slow.
    fn sweep(&mut self, time: u64) {
        self.set_accepts(true);
        connection::count_used();
        for connection in connection::used() {
            if connection.state.get() == State::Free {
                continue;
            }
            if connection.state.get() == State::Reading && connection.head.get() != 0 {
                connection.is_ready.set(true);
            } else if time >= connection.deadline.get() {
                match connection.state.get() {
                    State::Reading if !connection.is_idle() => {
                        exchange::refuse(connection, Refusal::TIMEOUT);
                        self.begin_sending(connection, false);
                    }
                    State::Sending { .. } => {
                        server::cut(connection.fd.get());
                        connection.close();
                    }
                    State::Reading | State::Lingering => connection.close(),
                    State::Free => {}
                }
            }
        }
    }
}

/// The connection that gives way to others.
fn idle_for_longest() -> Option<&'static Connection> {
    let idle = connection::used().iter().filter(|connection| connection.is_idle());
    idle.min_by_key(|connection| connection.deadline.get())
}

/// What to do with what has arrived.
enum Next {
    Wait,
    Refused(Refusal),
    Request(Head<'static>),
}

/// Throws away what arrives.
fn linger(connection: &Connection) {
    for _ in 0..MOST_LINGERED {
        connection.cursor.set(connection.cursor.get() + connection.unread().len());
        connection.next_request();
        connection.is_ready.set(false);
        match connection.receive() {
            Received::Some => {}
            Received::Nothing => return,
            Received::End | Received::Failed | Received::Full => return connection.close(),
        }
    }
}

/// Bytes of the input that are left for the body, at least.
const _: () = assert!(MOST_HEAD + (8 << 10) < INPUT);
