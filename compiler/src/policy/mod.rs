//! What a program is granted, and its limits: the part of a build that people decide and read.
//!
//! A policy comes from flags ([`crate::cli`]), from a file ([`file`]), or out of an executable
//! ([`read`]), and is printed in the form of the file.

pub mod bundle;
mod chains;
pub mod file;
mod print;
pub mod quantity;
pub mod read;

use std::net::SocketAddr;

use anyhow::{Result, bail};
use wasm_aot_abi::policy::parse_dir;

use crate::escape::escape;
use bundle::Bundle;

/// Where the policy is in Mach-O objects and executables, whose names are short. The system puts addresses in, then
/// the segment is read-only.
pub const MACHO_SEGMENT: &str = "__DATA_CONST";
pub const MACHO_SECTION: &str = "__policy";

/// What the program is granted; see `wasm_aot_abi::policy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub dirs: Vec<DirGrant>,
    /// `KEY=VALUE`.
    pub env: Vec<String>,
    pub inherit_env: bool,
    pub arg0: Option<String>,
    /// Where the program may accept connections.
    pub listeners: Vec<SocketAddr>,
    /// Directory trees in the executable.
    pub bundles: Vec<Bundle>,
    /// The directories of the machine, as a native program sees them.
    pub native: bool,
    /// The user who starts the program can't grant it more.
    pub locked: bool,
    /// The user can have its calls of the host traced.
    pub trace: bool,
    pub limits: Limits,
}

/// A directory that the program may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirGrant {
    pub host: String,
    pub guest: String,
    pub read_only: bool,
}

/// What the program may use. Without a value there is no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of each linear memory.
    pub memory: Option<u64>,
    /// Elements of each table.
    pub table: Option<u64>,
    /// Bytes of objects.
    pub heap: Option<u64>,
    /// Threads at a time, the first one included.
    pub threads: Option<u64>,
    /// Bytes of stack: whole pages.
    pub stack: u64,
    /// Nanoseconds of time.
    pub timeout: Option<u64>,
    /// Instructions, roughly: see `translate::fuel`.
    pub fuel: Option<u64>,
    /// Growing beyond the limit of memories or tables fails, as the specification says of what can't grow. Else it
    /// is a trap.
    pub soft: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory: None,
            table: None,
            heap: None,
            threads: None,
            stack: 8 << 20,
            timeout: None,
            fuel: None,
            soft: false,
        }
    }
}

impl Policy {
    /// Grants a directory, in the place of one of the same guest name.
    pub fn add_dir(&mut self, grant: DirGrant) {
        match self.dirs.iter_mut().find(|dir| dir.guest == grant.guest) {
            Some(dir) => *dir = grant,
            None => self.dirs.push(grant),
        }
    }

    /// Adds a bundle, in the place of one of the same name.
    pub fn add_bundle(&mut self, bundle: Bundle) {
        match self.bundles.iter_mut().find(|other| other.guest == bundle.guest) {
            Some(other) => *other = bundle,
            None => self.bundles.push(bundle),
        }
    }

    /// Sets an environment variable, in the place of one of the same name.
    pub fn add_env(&mut self, entry: String) {
        let key = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
        match self.env.iter_mut().find(|other| key(other) == key(&entry)) {
            Some(other) => *other = entry,
            None => self.env.push(entry),
        }
    }
}

impl DirGrant {
    /// Parses `HOST[::GUEST][:ro]`.
    ///
    /// # Errors
    /// If it is something else.
    pub fn parse(text: &str) -> Result<DirGrant> {
        let Some((host, guest, read_only)) = parse_dir(text.as_bytes()) else {
            bail!("--dir takes HOST[::GUEST][:ro], not `{}`", escape(text));
        };
        let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(DirGrant { host: string(host), guest: string(guest), read_only })
    }
}

/// Parses `IP:PORT`. Names aren't looked up: what they mean differs from machine to machine.
///
/// # Errors
/// If it is something else.
pub fn parse_listener(text: &str) -> Result<SocketAddr, String> {
    match text.parse() {
        Ok(SocketAddr::V6(address)) if address.scope_id() != 0 => {
            Err(format!("takes no address with a scope, as `{text}` has"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err(format!("takes IP:PORT, e.g. 127.0.0.1:8080 or [::]:80, not `{text}`")),
    }
}

/// Is this `KEY=VALUE`?
pub fn is_variable(entry: &str) -> bool {
    entry.contains('=') && !entry.starts_with('=') && !entry.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners() {
        assert_eq!(parse_listener("127.0.0.1:80").unwrap(), SocketAddr::from(([127, 0, 0, 1], 80)));
        assert_eq!(parse_listener("[::1]:8080").unwrap().to_string(), "[::1]:8080");
        for wrong in ["", "80", "localhost:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[fe80::1%2]:80"] {
            assert!(parse_listener(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn later_grants_take_the_place_of_earlier_ones() {
        let mut policy = Policy::default();
        for dir in ["a::/x", "b::/y", "c::/x:ro"] {
            policy.add_dir(DirGrant::parse(dir).unwrap());
        }
        let dirs: Vec<_> = policy.dirs.iter().map(|d| (&d.host[..], &d.guest[..], d.read_only)).collect();
        assert_eq!(dirs, [("c", "/x", true), ("b", "/y", false)]);
        for entry in ["A=1", "AB=2", "A=3=4"] {
            policy.add_env(entry.to_owned());
        }
        assert_eq!(policy.env, ["A=3=4", "AB=2"]);
    }
}
