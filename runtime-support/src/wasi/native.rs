//! `--native`: directories as a native program has them. The working directory is granted as `.`, the root
//! directory as `/`, and each directory in it by its name, too, because most C libraries don't tell
//! `/name` from `name`: they remove the slash and look for the longest name of a grant that the path
//! starts with. For these a path that starts with a name of the working directory stays one of the
//! working directory, so such a name isn't granted.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use wasm_aot_abi::policy::{Bytes, DirGrant};

use crate::sys::dir::{self, EntryBuffer};
use crate::sys::file::{self, Fd, FileKind};

use super::grants;

/// Names of granted directories, each with a slash before it, one after the other.
static mut NAMES: [u8; NAMES_SIZE] = [0; NAMES_SIZE];
const NAMES_SIZE: usize = 4096;

/// `wasm_aot_abi::symbols::OPEN_NATIVE`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_native() {
    // The C libraries take the last of those that fit equally.
    grant(b"/");
    grant(b".");
    let Ok(root) = dir::open(dir::AT_FDCWD, c"/", dir::O_RDONLY | dir::O_DIRECTORY) else { return };
    let (mut used, mut next) = (0, 0);
    loop {
        let mut buffer = EntryBuffer([const { MaybeUninit::uninit() }; 4096]);
        let Ok(entries) = dir::read_entries(root, next, &mut buffer) else { break };
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

/// Grants a directory under its own name, if it can be opened and there is room.
fn grant(path: &'static [u8]) {
    let path = Bytes { data: path.as_ptr(), length: path.len() as u64 };
    if let Some(index) = grants::add(DirGrant { host: path, guest: path, flags: 0 }) {
        // What a native program couldn't open either is left out.
        _ = grants::open(index);
    }
}

/// Is it a directory, or a link to one, whose name isn't in the working directory?
fn wanted(root: Fd, name: &CStr) -> bool {
    if matches!(name.to_bytes(), b"." | b"..") || dir::stat_name(dir::AT_FDCWD, name).is_ok() {
        return false;
    }
    let Ok(fd) = dir::open(root, name, dir::O_PATH | dir::O_DIRECTORY) else { return false };
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
