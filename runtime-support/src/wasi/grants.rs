//! The directories that the policy grants: opened once, before the guest runs, as its descriptors
//! from 3 on. They bound what the guest can ever reach; a directory that can't be opened ends the
//! program with a message.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use wasm_aot_abi::policy::{Bytes, DirGrant};

use crate::program::{program, slice};
use crate::sys::{self, dir, errno};

use super::descriptor::{self, Descriptor, Kind};

/// The exit code if a granted directory can't be opened.
const EXIT_CODE: i32 = 1;

pub fn all() -> &'static [DirGrant] {
    // SAFETY: never null; the compiler's constant data.
    unsafe {
        let policy = &*program().policy;
        slice(policy.dirs, policy.dir_count)
    }
}

pub fn bytes(value: &Bytes) -> &'static [u8] {
    // SAFETY: the compiler's constant data.
    unsafe { slice(value.data, value.length) }
}

/// `wasm_aot_abi::symbols::OPEN_GRANTS`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_grants() {
    for (index, grant) in all().iter().enumerate() {
        let opened = open(bytes(&grant.host)).and_then(|host| {
            let read_only = grant.flags & DirGrant::READ_ONLY != 0;
            let mut descriptor = Descriptor::new(Kind::Grant, host, read_only);
            descriptor.grant = index as u16;
            descriptor::add(descriptor).map_err(|_| sys::Errno(errno::EMFILE))
        });
        if let Err(error) = opened {
            fail(grant, error);
        }
    }
}

fn open(path: &[u8]) -> sys::Result<sys::file::Fd> {
    let mut buffer = [const { MaybeUninit::<u8>::uninit() }; dir::PATH_MAX as usize];
    if path.len() >= buffer.len() {
        return Err(sys::Errno(errno::ENAMETOOLONG));
    }
    for (slot, &byte) in buffer.iter_mut().zip(path.iter().chain(&[0])) {
        slot.write(byte);
    }
    // SAFETY: the path and its terminator have just been written.
    let path = unsafe { CStr::from_ptr(buffer.as_ptr().cast()) };
    match dir::open(dir::AT_FDCWD, path, dir::O_RDONLY | dir::O_DIRECTORY) {
        // It may still be entered.
        Err(sys::Errno(errno::EACCES)) => {
            dir::open(dir::AT_FDCWD, path, dir::O_PATH | dir::O_DIRECTORY)
        }
        other => other,
    }
}

fn fail(grant: &DirGrant, error: sys::Errno) -> ! {
    let reason: &[u8] = match error.0 {
        errno::ENOENT => b"no such directory",
        errno::ENOTDIR => b"not a directory",
        errno::EACCES | errno::EPERM => b"permission denied",
        errno::ELOOP => b"too many levels of symbolic links",
        errno::EMFILE | errno::ENFILE => b"too many open files",
        errno::ENAMETOOLONG => b"name too long",
        _ => b"the system refused",
    };
    let pieces =
        [b"wasm-aot: can't open the granted directory `", bytes(&grant.host), b"`: ", reason, b"\n"];
    pieces.iter().for_each(|piece| sys::write_stderr(piece));
    sys::exit(EXIT_CODE)
}
