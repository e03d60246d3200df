//! `--native`: directories as a native program has them. The working directory is granted as `.`, the root
//! directory as `/`, and each directory in it by its name, too, because most C libraries don't distinguish
//! `/name` from `name`: they remove the slash and look for the longest name of a grant that the path
//! starts with. For them a path that starts with a name of the working directory stays one of the
//! working directory, so a name that is there isn't granted.
//!
//! A write to a broken pipe ends the program, as it does to those in C (`yes | head`), where others get an error.
//!
//! `PWD` is the working directory, as programs can't ask for it: Go's take relative paths from there. Who starts a
//! program in another directory than its own (`make -C`, systemd) may have left the variable as it was.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use wasm_aot_abi::policy::{Bytes, DirGrant};

use crate::sys::dir;
use crate::sys::file::{self, Fd, FileKind, Stat};
use crate::sys::scan::{self, EntryBuffer};
use crate::sys::{self, OpenFlags, c_str, signal};

use super::opened::Opened;
use super::{grants, user};

/// Names of granted directories, each with a slash before it, one after the other.
static mut NAMES: [u8; NAMES_SIZE] = [0; NAMES_SIZE];
const NAMES_SIZE: usize = 4096;

/// `wasm_aot_abi::symbols::OPEN_NATIVE`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_native() {
    signal::end_by_broken_pipes();
    find_working_directory();
    // The C libraries take the last of those that fit equally.
    grant(b"/");
    grant(b".");
    let Ok(root) = dir::open(dir::AT_FDCWD, c"/", OpenFlags::READ_ONLY | OpenFlags::DIRECTORY) else {
        return;
    };
    let (mut used, mut next) = (0, 0);
    loop {
        let mut buffer = EntryBuffer([const { MaybeUninit::uninit() }; 4096]);
        let Ok(entries) = scan::read_entries(root, next, &mut buffer) else { break };
        let mut at_end = true;
        for entry in entries {
            at_end = false;
            next = entry.next;
            if wanted(root, entry.name) {
                grant_below_root(entry.name.to_bytes(), &mut used);
            }
        }
        if at_end {
            break;
        }
    }
    file::close(root);
}

/// `PWD=` and the path of the working directory.
static mut WORKING_DIRECTORY: [u8; VARIABLE.len() + dir::PATH_MAX as usize] = [0; _];
static mut KNOWN: Option<usize> = None;
const VARIABLE: &[u8] = b"PWD=";

/// The variable with the working directory at start; empty if there is none that has a path. Nothing if the system
/// has another notion of it.
pub fn working_directory() -> Option<&'static [u8]> {
    let text = &raw const WORKING_DIRECTORY;
    // SAFETY: written at start only, when there is one thread.
    unsafe { KNOWN.and_then(|length| (*text).get(..length)) }
}

fn find_working_directory() {
    let text = &raw mut WORKING_DIRECTORY;
    // SAFETY: called at start only, when there is one thread; no other reference is made before that.
    let text = unsafe { &mut *text };
    let (variable, path) = text.split_at_mut(VARIABLE.len());
    variable.copy_from_slice(VARIABLE);
    let length = match inherited() {
        // The path by which the user got there, perhaps through links.
        Some(inherited) if inherited.len() < path.len() && is_working_directory(inherited) => {
            path.iter_mut().zip(inherited).for_each(|(to, from)| *to = *from);
            Some(VARIABLE.len() + inherited.len())
        }
        _ => match dir::working_directory(path) {
            Ok(length) if path.starts_with(b"/") => Some(VARIABLE.len() + length),
            Err(sys::Errno::NOSYS) => None,
            // It was removed, or it can't be reached from the root directory.
            _ => Some(0),
        },
    };
    // SAFETY: as above.
    unsafe { KNOWN = length };
}

/// The working directory according to the environment of the process.
fn inherited() -> Option<&'static [u8]> {
    let all = sys::start::environment().iter();
    all.map(|&entry| user::string(entry)).find_map(|entry| entry.strip_prefix(VARIABLE))
}

/// Whether this path is one that POSIX allows for `PWD`.
fn is_working_directory(path: &'static [u8]) -> bool {
    let is_plain =
        path.starts_with(b"/") && !path.split(|&byte| byte == b'/').any(|name| name == b"." || name == b"..");
    let opened =
        |path: &CStr| dir::open(dir::AT_FDCWD, path, OpenFlags::PATH | OpenFlags::DIRECTORY).map(Opened::new);
    // SAFETY: the strings of the process are terminated.
    let terminated = unsafe { c_str::at(path.as_ptr()) };
    let Ok((path, own)) = opened(terminated).and_then(|path| Ok((path, opened(c".")?))) else { return false };
    let same = |a: Stat, b: Stat| (a.device, a.inode) == (b.device, b.inode);
    is_plain && file::stat(path.fd()).and_then(|a| Ok(same(a, file::stat(own.fd())?))) == Ok(true)
}

/// Grants a directory under its own name, if it can be opened and there is room.
fn grant(path: &'static [u8]) {
    let path = Bytes { data: path.as_ptr(), length: path.len() as u64 };
    if let Some(index) = grants::add(DirGrant { host: path, guest: path, flags: 0 }) {
        // What a native program couldn't open either is left out.
        _ = grants::open(index);
    }
}

/// Whether it is a directory, or a link to one, whose name is UTF-8 and isn't in the working directory.
fn wanted(root: Fd, name: &CStr) -> bool {
    let bytes = name.to_bytes();
    let is_text = core::str::from_utf8(bytes).is_ok();
    if !is_text || matches!(bytes, b"." | b"..") || dir::stat_name(dir::AT_FDCWD, name).is_ok() {
        return false;
    }
    let Ok(fd) = dir::open(root, name, OpenFlags::PATH | OpenFlags::DIRECTORY) else { return false };
    let is_directory = file::stat(fd).is_ok_and(|stat| stat.kind == FileKind::Directory);
    file::close(fd);
    is_directory
}

/// Grants `/name`. What doesn't fit any more is left out.
fn grant_below_root(name: &[u8], used: &mut usize) {
    let length = 1 + name.len();
    if length > NAMES_SIZE - *used {
        return;
    }
    // SAFETY: the bytes from `used` on fit, and nobody refers to them yet; there is one thread.
    let path = unsafe {
        let start = (&raw mut NAMES).cast::<u8>().add(*used);
        start.write(b'/');
        start.add(1).copy_from_nonoverlapping(name.as_ptr(), name.len());
        core::slice::from_raw_parts(start, length)
    };
    *used += length;
    grant(path);
}
