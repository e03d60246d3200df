//! How large the cache is and may become. The least recently run programs are evicted first; their times are exact to
//! an hour. A running program has its file open and isn't affected.

use std::ffi::{CStr, CString};
use std::io;
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow};

use super::directory::Directory;
use super::key::Key;
use super::names::{PROGRAM, TEMPORARY};
use crate::policy::quantity;

/// The environment variable for the maximum size of the cache, in bytes.
pub const LIMIT: &str = "WASM_AOT_CACHE_SIZE";

/// The maximum size if the variable isn't set.
const DEFAULT_LIMIT: u64 = 1 << 30;

/// No run takes this long to write: the process of a file that is older was killed.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// What is in the cache.
#[derive(Default, Clone, Copy)]
pub struct Contents {
    pub programs: usize,
    pub bytes: u64,
}

struct Held {
    name: CString,
    bytes: u64,
    used: SystemTime,
}

/// The maximum size of the cache, in bytes, as the user set it.
///
/// # Errors
/// If the variable's value isn't a size.
pub fn limit() -> Result<u64> {
    let Some(value) = std::env::var_os(LIMIT).filter(|value| !value.is_empty()) else {
        return Ok(DEFAULT_LIMIT);
    };
    let size = value.to_str().ok_or_else(|| "it isn't UTF-8".to_owned()).and_then(quantity::size);
    size.map_err(|reason| anyhow!("{LIMIT}: {reason}"))
}

/// Removes the least recently used programs until the others take no more than `limit` bytes; also what killed
/// runs have left behind, and the entries of versions whose programs had no seal.
pub(super) fn make_room(directory: &Directory, limit: u64) -> io::Result<()> {
    let now = SystemTime::now();
    for name in directory.names()? {
        let age = || Some(now.duration_since(directory.stat(&name)?.modified).unwrap_or_default());
        let abandoned = name.as_bytes().starts_with(TEMPORARY.as_bytes()) && age() > Some(ABANDONED);
        if abandoned || is_unsealed(name.as_bytes()) {
            directory.remove(&name)?;
        }
    }
    let mut held = held(directory)?;
    held.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
    let mut bytes: u64 = held.iter().map(|program| program.bytes).sum();
    for program in held {
        if bytes <= limit {
            break;
        }
        directory.remove(&program.name)?;
        bytes -= program.bytes;
    }
    Ok(())
}

/// Those versions kept entries in directories named by the first two digits of their keys.
fn is_unsealed(name: &[u8]) -> bool {
    name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit)
}

fn held(directory: &Directory) -> io::Result<Vec<Held>> {
    let mut held = Vec::new();
    for name in directory.names()?.into_iter().filter(|name| Key::is_name(name.as_bytes())) {
        if let Some(stat) = directory.stat(&program_of(&name)) {
            held.push(Held { name, bytes: stat.length, used: stat.modified });
        }
    }
    Ok(held)
}

fn program_of(entry: &CStr) -> CString {
    let path = [entry.to_bytes(), b"/", PROGRAM.to_bytes()].concat();
    CString::new(path).expect("there is no NUL in it")
}

/// The contents of the cache.
///
/// # Errors
/// If the directory can't be read.
pub(super) fn contents(directory: &Directory) -> io::Result<Contents> {
    let held = held(directory)?;
    Ok(Contents { programs: held.len(), bytes: held.iter().map(|program| program.bytes).sum() })
}

/// Removes everything, and returns what was removed.
///
/// # Errors
/// If something can't be removed.
pub(super) fn clean(directory: &Directory) -> io::Result<Contents> {
    let contents = contents(directory)?;
    for name in directory.names()? {
        directory.remove(&name)?;
    }
    Ok(contents)
}
