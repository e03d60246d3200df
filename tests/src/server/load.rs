//! Many connections at once, from one thread, for a time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;

use super::client::{Client, Next, Role};
use super::process::Sample;
use super::site::Site;

/// What happened to the requests.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Requests with a complete and correct response.
    pub requests: u64,
    /// Those of them whose response arrived before the time was over.
    pub in_time: u64,
    /// Requests without a response, although the client waited for it.
    pub lost: u64,
    /// The first things that were wrong.
    pub errors: Vec<String>,
    /// Requests that clients abandoned on purpose.
    pub abandoned: u64,
    pub connections: u64,
    pub bytes: u64,
    /// Seconds in which requests were made.
    pub seconds: f64,
    /// What the server took in the middle, and at the end with all connections still open.
    pub middle: Sample,
    pub end: Sample,
}

/// How long responses may take when no more requests are made.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often pauses are looked at.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };
const ERRORS: usize = 5;

struct Load<'s> {
    address: SocketAddr,
    site: &'s Site,
    epoll: OwnedFd,
    /// The connections, and for what the system watches each. `None` when it was closed at the end.
    clients: Vec<Option<(Client<'s>, EventFlags)>>,
    buffer: Vec<u8>,
    outcome: Outcome,
    stopping: bool,
}

/// Keeps that many connections busy for that long; `look` looks at the server.
pub fn run(
    address: SocketAddr,
    site: &Site,
    connections: usize,
    time: Duration,
    mut look: impl FnMut() -> Result<Sample>,
) -> Result<Outcome> {
    let mut load = Load {
        address,
        site,
        epoll: epoll::create(CreateFlags::CLOEXEC)?,
        clients: Vec::new(),
        buffer: vec![0; 256 * 1024],
        outcome: Outcome::default(),
        stopping: false,
    };
    for number in 0..connections {
        load.clients.push(None);
        load.connect(number)?;
    }
    let start = Instant::now();
    load.go_on_until(start + time / 2)?;
    load.outcome.middle = look()?;
    load.go_on_until(start + time)?;
    load.outcome.seconds = start.elapsed().as_secs_f64();
    let open = load.clients.iter().flatten();
    load.outcome.in_time = load.outcome.requests + open.map(|(client, _)| client.responses).sum::<u64>();
    load.outcome.end = look()?;
    load.finish()?;
    Ok(load.outcome)
}

impl<'s> Load<'s> {
    /// Makes a connection in the place of the one that was there.
    fn connect(&mut self, number: usize) -> Result<()> {
        self.outcome.connections += 1;
        let seed = self.outcome.connections;
        let mut client = Client::connect(self.address, self.site, Role::of(number), seed)?;
        client.refill();
        let flags = EventFlags::IN | EventFlags::OUT;
        epoll::add(&self.epoll, &client.stream, EventData::new_u64(number as u64), flags)?;
        self.clients[number] = Some((client, flags));
        Ok(())
    }

    fn go_on_until(&mut self, end: Instant) -> Result<()> {
        while Instant::now() < end {
            self.turn()?;
        }
        Ok(())
    }

    /// Serves what is ready.
    fn turn(&mut self) -> Result<()> {
        let mut events: Vec<Event> = Vec::with_capacity(self.clients.len());
        epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&TICK))?;
        for event in &events {
            self.serve(event.data.u64() as usize)?;
        }
        let now = Instant::now();
        for number in 0..self.clients.len() {
            let Some((client, _)) = &mut self.clients[number] else { continue };
            if client.paused_until.is_some_and(|until| until <= now) {
                client.paused_until = None;
                self.watch(number)?;
            }
        }
        Ok(())
    }

    fn serve(&mut self, number: usize) -> Result<()> {
        let Some((client, _)) = &mut self.clients[number] else { return Ok(()) };
        if client.paused_until.is_some() {
            return Ok(());
        }
        match client.ready(&mut self.buffer) {
            Ok(Next::GoOn) if self.stopping && client.outstanding() == 0 => self.close(number),
            Ok(Next::GoOn) => {
                if !self.stopping {
                    client.refill();
                }
                self.watch(number)?;
            }
            Ok(Next::Reconnect) => self.reconnect(number)?,
            Err(error) => {
                if self.outcome.errors.len() < ERRORS {
                    self.outcome.errors.push(format!("{:?}: {error:#}", Role::of(number)));
                }
                self.outcome.lost += client.outstanding().max(1) as u64;
                self.reconnect(number)?;
            }
        }
        Ok(())
    }

    fn reconnect(&mut self, number: usize) -> Result<()> {
        self.close(number);
        if self.stopping { Ok(()) } else { self.connect(number) }
    }

    /// Closes a connection; the system stops to watch it.
    fn close(&mut self, number: usize) {
        let Some((client, _)) = self.clients[number].take() else { return };
        if client.abandons() {
            self.outcome.abandoned += client.outstanding() as u64;
        }
        self.outcome.bytes += client.bytes;
        self.outcome.requests += client.responses;
    }

    /// Tells the system what the client waits for.
    fn watch(&mut self, number: usize) -> Result<()> {
        let Some((client, watched)) = &mut self.clients[number] else { return Ok(()) };
        let mut wanted = if client.paused_until.is_some() { EventFlags::empty() } else { EventFlags::IN };
        if client.wants_to_send() && client.paused_until.is_none() {
            wanted |= EventFlags::OUT;
        }
        if *watched != wanted {
            epoll::modify(&self.epoll, &client.stream, EventData::new_u64(number as u64), wanted)?;
            *watched = wanted;
        }
        Ok(())
    }

    /// Waits for the responses that are still to come, and closes all connections.
    fn finish(&mut self) -> Result<()> {
        self.stopping = true;
        for number in 0..self.clients.len() {
            if self.clients[number].as_ref().is_some_and(|(client, _)| client.outstanding() == 0) {
                self.close(number);
            }
        }
        let start = Instant::now();
        while self.clients.iter().any(Option::is_some) && start.elapsed() < PATIENCE {
            self.turn()?;
        }
        for number in 0..self.clients.len() {
            if let Some((client, _)) = &self.clients[number] {
                self.outcome.lost += client.outstanding() as u64;
                self.outcome.errors.push(format!("{:?}: no response in time", Role::of(number)));
                self.close(number);
            }
        }
        Ok(())
    }
}
