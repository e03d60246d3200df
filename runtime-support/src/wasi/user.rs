//! What the user who starts the program grants, by environment variables: `WASM_AOT_DIRS` is a list of
//! directories in the form of `--dir`, `WASM_AOT_ENV` one of `KEY=VALUE`, of `KEY` for a variable of the
//! process, or `*` for all of them. Items end at a `;`.
//!
//! A process that has more rights than the user who started it takes nothing from them.

use wasm_aot_abi::policy::{Bytes, DirGrant, USER_DIRS, USER_ENV, USER_SEPARATOR, parse_dir};

use crate::fail::fail_because;
use crate::sys::{self, c_str};

use super::grants;

/// A string of the process.
pub fn string(start: *const u8) -> &'static [u8] {
    // SAFETY: the strings of a process are terminated and stay as they are.
    unsafe { c_str::bytes_at(start) }
}

/// The part of `KEY=VALUE` before the value.
pub fn key(entry: &[u8]) -> &[u8] {
    entry.split(|&byte| byte == b'=').next().unwrap_or_default()
}

/// The `KEY=VALUE` of the process that has this key.
fn find(wanted: &[u8]) -> Option<&'static [u8]> {
    sys::start::environment().iter().map(|&entry| string(entry)).find(|entry| key(entry) == wanted)
}

/// The value of a variable that is meant for the runtime; empty if there is none.
pub fn granted(name: &str) -> &'static [u8] {
    if sys::start::is_privileged() {
        return &[];
    }
    find(name.as_bytes()).and_then(|entry| entry.get(name.len() + 1..)).unwrap_or_default()
}

fn items(list: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
    list.split(|&byte| byte == USER_SEPARATOR).filter(|item| !item.is_empty())
}

/// The list of variables that the user sets.
pub fn env() -> &'static [u8] {
    granted(USER_ENV)
}

/// Whether the list has all variables of the process.
pub fn inherits_all(list: &'static [u8]) -> bool {
    items(list).any(|item| item == b"*")
}

/// Whether the list says what becomes of the variable with this key.
pub fn sets(list: &'static [u8], wanted: &[u8]) -> bool {
    items(list).any(|item| key(item) == wanted)
}

/// The `KEY=VALUE`s of the list; the last of a key counts.
pub fn variables(list: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
    let item = move |(index, item): (usize, &'static [u8])| {
        let repeated = items(list).skip(index + 1).any(|later| key(later) == key(item));
        match (repeated, item.contains(&b'=')) {
            (true, _) => None,
            (false, true) => Some(item),
            (false, false) => find(item),
        }
    };
    items(list).enumerate().filter_map(item)
}

/// `wasm_aot_abi::symbols::READ_USER_DIRS`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_read_user_dirs() {
    let bytes = |slice: &[u8]| Bytes { data: slice.as_ptr(), length: slice.len() as u64 };
    for item in items(granted(USER_DIRS)) {
        let Some((host, guest, read_only)) = parse_dir(item) else {
            fail_because(&[
                USER_DIRS.as_bytes(),
                b" takes HOST[::GUEST][:ro], separated by `;`, not `",
                item,
                b"`",
            ]);
        };
        let flags = if read_only { DirGrant::READ_ONLY } else { 0 };
        let added = grants::add(DirGrant { host: bytes(host), guest: bytes(guest), flags });
        if added.is_none() {
            fail_because(&[USER_DIRS.as_bytes(), b" has too many directories"]);
        }
    }
}
