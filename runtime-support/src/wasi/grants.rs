//! The directories that the policy grants: opened once, before the guest runs, as its descriptors
//! from 3 on. They bound what the guest can ever reach; a directory that can't be opened ends the
//! program with a message.

use wasm_aot_abi::policy::{Bytes, DirGrant};

use crate::program::{program, slice};
use crate::start;
use crate::sys::file::Fd;
use crate::sys::{self, dir, errno};

use super::descriptor::{self, Descriptor, Kind};
use super::terminated;

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
        let opened = above_streams(|| open(bytes(&grant.host))).and_then(|host| {
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

/// Opens something with a number that isn't a standard stream's. If the process was started without
/// one, nothing may take its place: what the guest or a trap message writes there would end up in a
/// file. So what is opened does, a directory or a listener, which can't be read or written.
pub fn above_streams(open: impl Fn() -> sys::Result<Fd>) -> sys::Result<Fd> {
    loop {
        let host = open()?;
        if host > 2 {
            return Ok(host);
        }
    }
}

fn open(path: &[u8]) -> sys::Result<Fd> {
    let mut buffer = [0; dir::PATH_MAX as usize];
    if path.len() >= buffer.len() {
        return Err(sys::Errno(errno::ENAMETOOLONG));
    }
    buffer.iter_mut().zip(path).for_each(|(to, from)| *to = *from);
    let path = terminated::first(&buffer);
    match dir::open(dir::AT_FDCWD, path, dir::O_RDONLY | dir::O_DIRECTORY) {
        // It may still be entered.
        Err(sys::Errno(errno::EACCES)) => dir::open(dir::AT_FDCWD, path, dir::O_PATH | dir::O_DIRECTORY),
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
    start::fail(&[b"can't open the directory `", bytes(&grant.host), b"` that --dir grants: ", reason])
}
