//! Lines of the machine's own files about names: `/etc/hosts` and `/etc/resolv.conf`.

use core::net::IpAddr;
use core::str::FromStr;

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let line = line.split(|byte| matches!(byte, b'#' | b';')).next().unwrap_or_default();
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn parse<T: FromStr>(word: &[u8]) -> Option<T> {
    core::str::from_utf8(word).ok()?.parse().ok()
}

/// The address that a line of `/etc/hosts` gives a name.
pub fn host(line: &[u8], name: &[u8]) -> Option<IpAddr> {
    let mut words = words(line);
    let address = words.next()?;
    words.any(|word| word.eq_ignore_ascii_case(name)).then(|| parse(address))?
}

/// Bytes of the longest domain.
pub const DOMAIN_BYTES: usize = 253;

/// What `/etc/resolv.conf` says.
pub struct Config {
    servers: [Option<IpAddr>; Config::SERVERS],
    domains: [Domain; Config::DOMAINS],
    domain_count: usize,
    /// Seconds to wait for an answer.
    pub timeout: u64,
    /// How often each server is asked.
    pub attempts: u64,
    /// A name with fewer dots is completed by a domain.
    pub dots: usize,
}

#[derive(Clone, Copy)]
struct Domain {
    bytes: [u8; DOMAIN_BYTES],
    length: usize,
}

impl Config {
    /// As many as other resolvers use.
    const SERVERS: usize = 3;
    const DOMAINS: usize = 6;

    /// What an empty file says.
    pub const fn new() -> Config {
        Config {
            servers: [None; Config::SERVERS],
            domains: [Domain { bytes: [0; DOMAIN_BYTES], length: 0 }; Config::DOMAINS],
            domain_count: 0,
            timeout: 5,
            attempts: 2,
            dots: 1,
        }
    }

    /// Takes a line of the file.
    pub fn read(&mut self, line: &[u8]) {
        let mut words = words(line);
        match words.next() {
            Some(b"nameserver") => {
                let server = words.next().and_then(parse);
                if let (Some(free), Some(server)) =
                    (self.servers.iter_mut().find(|slot| slot.is_none()), server)
                {
                    *free = Some(server);
                }
            }
            // The last line of the two counts.
            Some(b"search" | b"domain") => {
                self.domain_count = 0;
                words.for_each(|word| self.add_domain(word));
            }
            Some(b"options") => words.for_each(|word| self.set_option(word)),
            _ => {}
        }
    }

    fn add_domain(&mut self, word: &[u8]) {
        let word = word.strip_suffix(b".").unwrap_or(word);
        if let Some(free) = self.domains.get_mut(self.domain_count)
            && let Some(room) = free.bytes.get_mut(..word.len())
            && !word.is_empty()
        {
            room.copy_from_slice(word);
            free.length = word.len();
            self.domain_count += 1;
        }
    }

    fn set_option(&mut self, word: &[u8]) {
        let number = |name: &[u8]| word.strip_prefix(name).and_then(parse::<u64>);
        if let Some(timeout) = number(b"timeout:") {
            self.timeout = timeout.clamp(1, 30);
        } else if let Some(attempts) = number(b"attempts:") {
            self.attempts = attempts.clamp(1, 5);
        } else if let Some(dots) = number(b"ndots:") {
            self.dots = dots.min(15) as usize;
        }
    }

    /// Whom to ask.
    pub fn servers(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.servers.iter().flatten().copied()
    }

    /// The domains that complete names.
    pub fn domains(&self) -> impl Iterator<Item = &[u8]> {
        let domains = self.domains.get(..self.domain_count).unwrap_or_default();
        domains.iter().filter_map(|domain| domain.bytes.get(..domain.length))
    }
}
