//! A client's connection: what it asks for, and the check of each byte that it gets.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use rustix::net::sockopt::set_socket_recv_buffer_size;

use super::site::Site;

/// Numbers without a pattern that matters, the same in every run (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }
}

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One request after the other on one connection.
    Steady,
    /// Several requests at once.
    Pipelining,
    /// Some requests, then a new connection; either side closes the old one.
    Reconnecting,
    /// Sends and receives little at a time, with pauses.
    Slow,
    /// Closes in the middle of a large response.
    Rude,
}

impl Role {
    /// The role of the client with this number.
    pub fn of(number: usize) -> Role {
        match number % 20 {
            0 => Role::Slow,
            1 => Role::Rude,
            2 | 3 => Role::Reconnecting,
            4 => Role::Pipelining,
            _ => Role::Steady,
        }
    }
}

const PIPELINED: usize = 8;
/// How many requests one connection of `Role::Reconnecting` has, at most.
const REQUESTS_OF_CONNECTION: u64 = 40;
/// What a slow client sends and receives at once, and how long it waits then.
const SLOW_SEND: usize = 40;
const SLOW_RECEIVE: usize = 16 * 1024;
const PAUSE: Duration = Duration::from_millis(5);

/// The response that a request must get.
struct Expected<'s> {
    status: u16,
    /// `None` if it may be any text.
    body: Option<&'s [u8]>,
    is_head: bool,
}

/// How much of a response has arrived.
enum Progress {
    Head(Vec<u8>),
    Body { length: usize, received: usize },
}

/// What became of the connection when it was ready.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// The client is done with this connection.
    Reconnect,
}

pub struct Client<'s> {
    pub stream: TcpStream,
    role: Role,
    site: &'s Site,
    random: Random,
    /// What is still to be sent.
    output: Vec<u8>,
    awaited: VecDeque<Expected<'s>>,
    progress: Progress,
    /// Requests until the connection ends, and whether the server was asked to end it.
    left: u64,
    asked_to_close: bool,
    pub paused_until: Option<Instant>,
    pub responses: u64,
    pub bytes: u64,
}

impl<'s> Client<'s> {
    pub fn connect(address: SocketAddr, site: &'s Site, role: Role, seed: u64) -> Result<Client<'s>> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        if role == Role::Slow {
            set_socket_recv_buffer_size(&stream, SLOW_RECEIVE)?;
        }
        let mut random = Random::new(seed);
        let left =
            if role == Role::Reconnecting { 1 + random.next() % REQUESTS_OF_CONNECTION } else { u64::MAX };
        Ok(Client {
            stream,
            role,
            site,
            random,
            output: Vec::new(),
            awaited: VecDeque::new(),
            progress: Progress::Head(Vec::new()),
            left,
            asked_to_close: false,
            paused_until: None,
            responses: 0,
            bytes: 0,
        })
    }

    /// How many requests have no complete response yet.
    pub fn outstanding(&self) -> usize {
        self.awaited.len()
    }

    /// Whether requests are abandoned on purpose.
    pub fn abandons(&self) -> bool {
        self.role == Role::Rude
    }

    pub fn wants_to_send(&self) -> bool {
        !self.output.is_empty()
    }

    /// Adds a request to what is to be sent.
    fn ask(&mut self, method: &str, target: &str, fields: &str, expected: Expected<'s>) {
        self.left -= 1;
        let mut close = "";
        if self.left == 0 && self.random.next().is_multiple_of(2) {
            self.asked_to_close = true;
            close = "Connection: close\r\n";
        }
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load\r\n{fields}{close}\r\n"
        );
        self.output.extend(request.bytes());
        self.awaited.push_back(expected);
    }

    /// Adds one request: mostly a file as it is.
    fn ask_something(&mut self) {
        let site = self.site;
        if self.role == Role::Rude {
            let file = site.largest();
            return self.ask(
                "GET",
                file.target,
                "",
                Expected { status: 200, body: Some(&file.bytes), is_head: false },
            );
        }
        let file = site.choose(&mut self.random);
        let body = Some(&file.bytes[..]);
        match self.random.next() % 100 {
            0 => self.ask("GET", "/missing", "", Expected { status: 404, body: None, is_head: false }),
            1 => self.ask("HEAD", file.target, "", Expected { status: 200, body, is_head: true }),
            2 if file.bytes.len() > 1 => {
                let first = self.random.next() as usize % file.bytes.len();
                let body = Some(&file.bytes[first..]);
                let range = format!("Range: bytes={first}-\r\n");
                self.ask("GET", file.target, &range, Expected { status: 206, body, is_head: false });
            }
            _ => self.ask("GET", file.target, "", Expected { status: 200, body, is_head: false }),
        }
    }

    /// Asks for more, if everything was answered.
    pub fn refill(&mut self) {
        if self.awaited.is_empty() && self.left > 0 {
            let batch = if self.role == Role::Pipelining { PIPELINED } else { 1 };
            (0..batch).for_each(|_| self.ask_something());
        }
    }

    /// Sends and receives what is possible.
    pub fn ready(&mut self, buffer: &mut [u8]) -> Result<Next> {
        self.send()?;
        let limit = if self.role == Role::Slow { SLOW_RECEIVE } else { buffer.len() };
        match self.stream.read(&mut buffer[..limit]) {
            Ok(0) if self.awaited.is_empty() && self.asked_to_close => return Ok(Next::Reconnect),
            Ok(0) => bail!("the server closed the connection, {} responses missing", self.awaited.len()),
            Ok(length) => self.receive(&buffer[..length])?,
            Err(error) if would_block(&error) => {}
            Err(error) => bail!("{} responses missing: {error}", self.awaited.len()),
        }
        let gone = self.role == Role::Rude && matches!(self.progress, Progress::Body { .. });
        let done = self.left == 0 && self.awaited.is_empty() && !self.asked_to_close;
        if gone || done {
            return Ok(Next::Reconnect);
        }
        if self.role == Role::Slow {
            self.paused_until = Some(Instant::now() + PAUSE);
        }
        Ok(Next::GoOn)
    }

    fn send(&mut self) -> Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let limit = if self.role == Role::Slow { SLOW_SEND } else { usize::MAX };
        match self.stream.write(&self.output[..self.output.len().min(limit)]) {
            Ok(sent) => drop(self.output.drain(..sent)),
            Err(error) if would_block(&error) => {}
            Err(error) => bail!("can't send: {error}"),
        }
        Ok(())
    }

    fn receive(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let expected = self.awaited.front().ok_or_else(|| anyhow!("a response that nobody asked for"))?;
            match &mut self.progress {
                Progress::Head(head) => {
                    let before = head.len();
                    head.extend(bytes);
                    let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") else { break };
                    bytes = &bytes[end + 4 - before..];
                    let length = check_head(&head[..end], expected)?;
                    let length = if expected.is_head { 0 } else { length };
                    self.progress = Progress::Body { length, received: 0 };
                }
                Progress::Body { length, received } => {
                    let (part, rest) = bytes.split_at(bytes.len().min(*length - *received));
                    if let Some(body) = expected.body {
                        ensure!(&body[*received..][..part.len()] == part, "wrong bytes from {received} on");
                    }
                    *received += part.len();
                    bytes = rest;
                }
            }
            self.complete();
        }
        Ok(())
    }

    /// Takes note of a complete response.
    fn complete(&mut self) {
        if matches!(self.progress, Progress::Body { length, received } if length == received) {
            self.progress = Progress::Head(Vec::new());
            self.awaited.pop_front();
            self.responses += 1;
        }
    }
}

fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Checks the head of a response; returns the length of what it announces.
fn check_head(head: &[u8], expected: &Expected) -> Result<usize> {
    let head = str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default();
    ensure!(
        line.starts_with(&format!("HTTP/1.1 {} ", expected.status)),
        "`{line}` instead of {}",
        expected.status
    );
    let length = lines.find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.ok_or_else(|| anyhow!("no length in `{head}`"))?.parse()?;
    if let Some(body) = expected.body {
        ensure!(length == body.len(), "{length} bytes are announced instead of {}", body.len());
    }
    Ok(length)
}
