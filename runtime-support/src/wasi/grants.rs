//! The directories that the guest is granted, by the policy and by the user: opened once, before the
//! guest runs, as its descriptors from 3 on. They bound what the guest can ever reach; a directory that
//! can't be opened ends the program with a message.

use core::mem::MaybeUninit;

use wasm_aot_abi::policy::{DirGrant, USER_DIRS};

use crate::fail::fail_because;
use crate::program::{bundle_policy, bytes, policy, slice};
use crate::sys::file::{self, Fd};
use crate::sys::{self, OpenFlags, c_str, dir};

use super::descriptor::{self, Descriptor, Kind};
use super::opened::Opened;
use super::procfs;

/// How many directories can be granted at start beside those of the policy.
const MAX_ADDED: usize = 128;

/// The directories that were granted at start.
struct Added {
    grants: [MaybeUninit<DirGrant>; MAX_ADDED],
    count: usize,
}

static mut ADDED: Added = Added { grants: [const { MaybeUninit::uninit() }; MAX_ADDED], count: 0 };

/// The directories of the policy.
fn baked() -> &'static [DirGrant] {
    // SAFETY: the compiler's constant data.
    unsafe { slice(policy().dirs, policy().dir_count) }
}

/// The directory with this number.
pub fn get(index: u16) -> Option<DirGrant> {
    let index = usize::from(index);
    match baked().get(index) {
        Some(grant) => Some(*grant),
        None => added(index - baked().len()),
    }
}

#[cfg(feature = "libraries")]
fn added(index: usize) -> Option<DirGrant> {
    crate::library::options::directories().get(index).copied()
}

#[cfg(not(feature = "libraries"))]
fn added(index: usize) -> Option<DirGrant> {
    let added = &raw const ADDED;
    // SAFETY: written at start only, when there is one thread; the first `count` are initialised.
    unsafe {
        let added = &*added;
        added.grants.get(..added.count)?.get(index).map(|grant| grant.assume_init())
    }
}

/// Adds a directory to those of the policy; its number, if there is room. It isn't opened yet.
pub fn add(grant: DirGrant) -> Option<u16> {
    let added = &raw mut ADDED;
    // SAFETY: called at start only, when there is one thread.
    unsafe {
        let added = &mut *added;
        added.grants.get_mut(added.count)?.write(grant);
        added.count += 1;
        u16::try_from(baked().len() + added.count - 1).ok()
    }
}

/// `wasm_aot_abi::symbols::OPEN_GRANTS`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_grants() {
    if let Some(read) = policy().read_user_dirs {
        read();
    }
    let mut users = 0;
    while added(users).is_some() {
        users += 1;
    }
    let first = baked().len();
    for index in 0..first {
        if !is_replaced(index, first..first + users) {
            open_or_fail(index, b"--dir");
        }
    }
    if let Some(open) = policy().open_native {
        open();
    }
    for index in first..first + users {
        open_or_fail(index, USER_DIRS.as_bytes());
    }
    if let Some(policy) = bundle_policy() {
        (policy.open)();
    }
}

/// The directories that have been opened, in the order of the guest's descriptors.
pub fn opened() -> impl Iterator<Item = (Descriptor, DirGrant)> {
    let opened = (3..).map_while(|number| descriptor::peek(number).ok());
    let granted = opened.filter(|descriptor| descriptor.kind == Kind::Grant);
    granted.filter_map(|descriptor| Some((descriptor, get(descriptor.grant)?)))
}

/// Whether the user grants another directory under the same name.
fn is_replaced(index: usize, mut users: core::ops::Range<usize>) -> bool {
    let name = |index: usize| get(index as u16).map(|grant| bytes(&grant.guest));
    users.any(|user| name(user) == name(index))
}

/// The error of a directory that `procfs` refuses.
const OF_PROCFS: sys::Errno = sys::Errno::XDEV;

/// Opens the directory with this number as the guest's next descriptor.
pub fn open(index: u16) -> sys::Result<()> {
    let grant = get(index).ok_or(sys::Errno::MFILE)?;
    let host = Opened::new(above_streams(|| open_path(bytes(&grant.host)))?);
    if procfs::refuses_directory(host.fd())? {
        return Err(OF_PROCFS);
    }
    let read_only = grant.flags & DirGrant::READ_ONLY != 0;
    let mut descriptor = Descriptor::new(Kind::Grant, host.into_fd(), read_only);
    descriptor.grant = index;
    descriptor::add(descriptor).map(drop).map_err(|_| sys::Errno::MFILE)
}

fn open_or_fail(index: usize, origin: &[u8]) {
    let index = index as u16;
    if let (Err(error), Some(grant)) = (open(index), get(index)) {
        fail(&grant, origin, error);
    }
}

/// Not a literal: those of C strings are merged, so that the linker keeps them in every program.
static NULL_DEVICE: [u8; 10] = *b"/dev/null\0";

/// Opens something with a number that isn't a standard stream's. If the process was started without
/// one, no file may take its place: what the guest or a trap message writes there would end up in it. So
/// `/dev/null` does, or if there is none what is opened, a directory or a listener, which can't be read
/// or written.
pub fn above_streams(open: impl Fn() -> sys::Result<Fd>) -> sys::Result<Fd> {
    loop {
        let host = open()?;
        if host > 2 {
            return Ok(host);
        }
        file::close(host);
        if dir::open(dir::AT_FDCWD, c_str::from_buffer(&NULL_DEVICE), OpenFlags::READ_WRITE).is_err() {
            open()?;
        }
    }
}

fn open_path(path: &[u8]) -> sys::Result<Fd> {
    let mut buffer = [0; dir::PATH_MAX as usize];
    if path.len() >= buffer.len() {
        return Err(sys::Errno::NAMETOOLONG);
    }
    buffer.iter_mut().zip(path).for_each(|(to, from)| *to = *from);
    let path = c_str::from_buffer(&buffer);
    match dir::open(dir::AT_FDCWD, path, OpenFlags::READ_ONLY | OpenFlags::DIRECTORY) {
        // It may still be entered.
        Err(sys::Errno::ACCES) => dir::open(dir::AT_FDCWD, path, OpenFlags::PATH | OpenFlags::DIRECTORY),
        other => other,
    }
}

fn fail(grant: &DirGrant, origin: &[u8], error: sys::Errno) -> ! {
    let reason: &[u8] = match error {
        sys::Errno::NOENT => b"no such directory",
        sys::Errno::NOTDIR => b"not a directory",
        sys::Errno::ACCES | sys::Errno::PERM => b"permission denied",
        sys::Errno::LOOP => b"too many levels of symbolic links",
        sys::Errno::MFILE | sys::Errno::NFILE => b"too many open files",
        sys::Errno::NAMETOOLONG => b"name too long",
        sys::Errno::XDEV => b"of a procfs only the root directory can be granted",
        _ => b"the system refused",
    };
    fail_because(&[
        b"can't open the directory `",
        bytes(&grant.host),
        b"` that ",
        origin,
        b" grants: ",
        reason,
    ])
}
