//! Looking up names without a C library: in `/etc/hosts`, and then by UDP from the servers of `/etc/resolv.conf`. Other
//! sources that a machine may be configured for (`nsswitch.conf`) aren't asked, and an answer that doesn't fit a datagram
//! counts as far as it goes.

mod config;
mod message;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use self::config::{Config, DOMAIN_BYTES};
use self::message::{Answer, Kind, Question};
use super::clock::{self, Clock};
use super::dir;
use super::file::{self, Fd, IoVec, Position};
use super::inet::{self, Family, Transport};
use super::poll::{PollFd, poll};
use super::{OpenFlags, random};
use crate::sys::c_str;

pub use crate::sys::types::{Addresses, LookupError};

type Outcome = Result<(), LookupError>;

/// Not literals: those of C strings are merged, so that the linker keeps them in every program.
static HOSTS: [u8; 11] = *b"/etc/hosts\0";
static CONFIG: [u8; 17] = *b"/etc/resolv.conf\0";

const DNS_PORT: u16 = 53;
const LOCALHOST: &[u8] = b"localhost";

/// Looks up a name.
pub fn resolve(name: &[u8], found: &mut Addresses) -> Outcome {
    for_each_line(&HOSTS, |line| {
        if let Some(address) = config::host(line, name) {
            found.add(address);
        }
    });
    if !found.get().is_empty() {
        return Ok(());
    }
    // RFC 6761: nobody else is asked for it.
    let top = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    if top.eq_ignore_ascii_case(LOCALHOST) {
        found.add(Ipv4Addr::LOCALHOST.into());
        found.add(Ipv6Addr::LOCALHOST.into());
        return Ok(());
    }
    let mut config = Config::new();
    for_each_line(&CONFIG, |line| config.read(line));
    let dots = name.iter().filter(|&&byte| byte == b'.').count();
    if dots < config.dots {
        for domain in config.domains() {
            let mut buffer = [0; 2 * DOMAIN_BYTES];
            let Some(full) = join(name, domain, &mut buffer) else { continue };
            match ask(&config, full, found) {
                Err(LookupError::NotFound) => {}
                other => return other,
            }
        }
    }
    ask(&config, name, found)
}

/// `name.domain`, at the front of a buffer.
fn join<'b>(name: &[u8], domain: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = name.len() + 1 + domain.len();
    let bytes = name.iter().chain(b".").chain(domain);
    let buffer = buffer.get_mut(..length).filter(|_| length <= DOMAIN_BYTES)?;
    buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Some(buffer)
}

/// Calls a function with each line of a file that isn't longer than any sensible one.
fn for_each_line(path: &[u8], mut each: impl FnMut(&[u8])) {
    const LINE_BYTES: usize = 1024;
    let Ok(fd) = dir::open(dir::AT_FDCWD, c_str::from_buffer(path), OpenFlags::READ_ONLY) else { return };
    let mut line = [0; LINE_BYTES];
    let mut length = 0;
    let mut block = [0; LINE_BYTES];
    loop {
        let piece = [IoVec { base: block.as_mut_ptr(), length: LINE_BYTES }];
        // SAFETY: `block` may be written.
        let read = unsafe { file::read(fd, &piece, Position::Current) }.unwrap_or(0);
        for &byte in block.get(..read).unwrap_or_default() {
            if byte != b'\n' {
                if let Some(slot) = line.get_mut(length) {
                    *slot = byte;
                }
                length += 1;
                continue;
            }
            line.get(..length).map(&mut each);
            length = 0;
        }
        if read == 0 {
            break;
        }
    }
    line.get(..length).map(each);
    file::close(fd);
}

/// Asks the servers, one after the other, until one knows.
fn ask(config: &Config, name: &[u8], found: &mut Addresses) -> Outcome {
    let mut outcome = Err(LookupError::Temporary);
    for _ in 0..config.attempts {
        let mut servers = config.servers().peekable();
        let local = servers.peek().is_none().then_some(Ipv4Addr::LOCALHOST.into());
        for server in servers.chain(local) {
            outcome = ask_server(server, config.timeout, name, found);
            match outcome {
                Ok(()) | Err(LookupError::NotFound) => return outcome,
                Err(LookupError::Temporary | LookupError::Permanent) => {}
            }
        }
    }
    outcome
}

fn ask_server(server: IpAddr, seconds: u64, name: &[u8], found: &mut Addresses) -> Outcome {
    let family = if server.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
    let fd = inet::open(family, Transport::Udp).map_err(|_| LookupError::Temporary)?;
    let outcome = exchange(fd, SocketAddr::new(server, DNS_PORT), seconds, name, found);
    file::close(fd);
    outcome
}

/// Asks for both kinds of addresses at once. The kernel chooses a port at random, and takes datagrams from nobody but the
/// server.
fn exchange(fd: Fd, server: SocketAddr, seconds: u64, name: &[u8], found: &mut Addresses) -> Outcome {
    const KINDS: [Kind; 2] = [Kind::Ipv6, Kind::Ipv4];
    let mut ids = [0u16; KINDS.len()];
    // SAFETY: all of it may be written.
    unsafe { random::fill(ids.as_mut_ptr().cast(), size_of_val(&ids)) }
        .map_err(|_| LookupError::Temporary)?;
    let [ipv6, ipv4] = ids;
    let questions = [Question::new(ipv6, name, Kind::Ipv6), Question::new(ipv4, name, Kind::Ipv4)];
    // A name that a message can't ask for, as a search domain may make it, doesn't exist.
    let [Some(ipv6), Some(ipv4)] = questions else { return Err(LookupError::NotFound) };
    let questions = [ipv6, ipv4];
    inet::connect(fd, &server).map_err(|_| LookupError::Temporary)?;
    for question in &questions {
        let bytes = question.bytes();
        // SAFETY: the bytes may be read.
        let sent = unsafe { inet::send(fd, bytes.as_ptr(), bytes.len(), None) };
        sent.map_err(|_| LookupError::Temporary)?;
    }
    let mut answers = [None; KINDS.len()];
    let mut by_kind = [Addresses::EMPTY; KINDS.len()];
    let now = || clock::now(Clock::Monotonic).unwrap_or(u64::MAX);
    let deadline = now().saturating_add(seconds * 1_000_000_000);
    while answers.iter().any(Option::is_none) {
        let left = deadline.saturating_sub(now());
        if left == 0 {
            break;
        }
        let mut message = [0; message::BYTES];
        if poll(&mut [PollFd::readable(fd)], Some(left)) != Ok(1) {
            continue;
        }
        let Ok((length, _)) = inet::receive(fd, &mut message) else { break };
        let message = message.get(..length).unwrap_or_default();
        let slots = questions.iter().zip(KINDS).zip(answers.iter_mut().zip(&mut by_kind));
        for ((question, kind), (answer, addresses)) in slots {
            if answer.is_none() {
                *answer = message::answer(message, question, kind, |address| addresses.add(address));
            }
        }
    }
    conclude(answers, by_kind, found)
}

/// What both answers together say. Addresses of IPv6 come first, unless there is no way to them.
fn conclude(answers: [Option<Answer>; 2], [ipv6, ipv4]: [Addresses; 2], found: &mut Addresses) -> Outcome {
    let (first, second) = match ipv6.get().first() {
        Some(address) if is_reachable(*address) => (&ipv6, &ipv4),
        _ => (&ipv4, &ipv6),
    };
    first.get().iter().chain(second.get()).for_each(|address| found.add(*address));
    let has = |answer| answers.contains(&Some(answer));
    if !found.get().is_empty() {
        Ok(())
    } else if has(Answer::NoName) || answers == [Some(Answer::Addresses); 2] {
        Err(LookupError::NotFound)
    } else if has(Answer::Refused) {
        Err(LookupError::Permanent)
    } else {
        Err(LookupError::Temporary)
    }
}

/// Whether the machine knows a way to an address of IPv6.
fn is_reachable(address: IpAddr) -> bool {
    let Ok(fd) = inet::open(Family::Ipv6, Transport::Udp) else { return false };
    let connected = inet::connect(fd, &SocketAddr::new(address, DNS_PORT));
    file::close(fd);
    connected.is_ok()
}
