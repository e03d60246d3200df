//! `path_open`.

use core::ffi::CStr;

use crate::sys::file::FileKind;

use super::super::descriptor::{Descriptor, Kind, NO_HOST};
use super::super::files::open::Options;
use super::super::open::path_open;
use super::super::types::{Errno, Result, answer, fdflags, lookupflags, oflags, rights};
use super::lookup::Place;
use super::tree::{Contents, NodeIndex};

/// Opens a node of the bundle.
fn open_node(node: NodeIndex, options: &Options) -> Result<Descriptor> {
    let found = node.get()?;
    let kind = match found.file_kind() {
        FileKind::Directory => Kind::Directory,
        FileKind::SymbolicLink => return Err(Errno::LOOP),
        _ if options.has(oflags::DIRECTORY) => return Err(Errno::NOTDIR),
        _ => Kind::Bundled,
    };
    let opened = Descriptor::new(kind, NO_HOST, true).over(Some(node));
    if kind == Kind::Directory {
        return Ok(opened);
    }
    let flags = options.descriptor & (fdflags::APPEND | fdflags::NONBLOCK);
    Ok(Descriptor { grant: flags as u16, next_cookie: found.length as u32, ..opened })
}

/// Opens what would be changed, where the host has nothing. A file of the bundle is replaced by one of the host
/// if its contents don't matter.
fn change(place: &Place, directory: &Descriptor, options: &Options) -> Result<Descriptor> {
    let creates = options.has(oflags::CREAT);
    match place.node.map(NodeIndex::kind) {
        None if !creates => return Err(Errno::NOENT),
        Some(_) if creates && options.has(oflags::EXCL) => return Err(Errno::EXIST),
        Some(FileKind::Directory) => return Err(Errno::ISDIR),
        Some(FileKind::SymbolicLink) => return Err(Errno::LOOP),
        Some(_) if !(creates && options.has(oflags::TRUNC)) => return Err(Errno::ROFS),
        _ => {}
    }
    // Its directory may be one that only the bundle has.
    let parent = place.parent(directory).ok_or(Errno::ROFS)?;
    options.open(&parent, place.name())
}

/// Opens what a path leads to in the bundle and the directory over it.
fn open_place(directory: &Descriptor, path: &CStr, options: &Options) -> Result<Descriptor> {
    // The host refuses the same.
    options.host_flags(directory)?;
    let place = Place::find(directory, path, options.lookup & lookupflags::SYMLINK_FOLLOW != 0)?;
    if place.on_host {
        let parent = place.parent(directory).ok_or(Errno::NOENT)?;
        let opened = options.open(&parent, place.name())?;
        return Ok(if opened.kind == Kind::Directory { opened.over(place.node) } else { opened });
    }
    if options.rights & rights::FD_WRITE != 0 || options.has(oflags::CREAT | oflags::TRUNC) {
        return change(&place, directory, options);
    }
    open_node(place.node.ok_or(Errno::NOENT)?, options)
}

pub fn open(directory: &Descriptor, path: &CStr, options: &Options) -> Result<Descriptor> {
    if directory.node().is_none() {
        return options.open(directory, path);
    }
    let find = || Place::find(directory, path, options.lookup & lookupflags::SYMLINK_FOLLOW != 0);
    // A name that the bundle has can't be created. Otherwise, what the host finds is what it would be without the
    // bundle.
    let taken = options.has(oflags::CREAT) && find().is_ok_and(|place| place.concerns_bundle());
    if directory.has_host() && !taken {
        match options.open(directory, path) {
            Ok(opened) if opened.kind != Kind::Directory => return Ok(opened),
            Ok(opened) => return Ok(opened.over(find().ok().and_then(|place| place.node))),
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error),
        }
    }
    open_place(directory, path, options)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_open(
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    open: u32,
    rights: u64,
    inheriting: u64,
    descriptor: u32,
    result: u32,
) -> i32 {
    let options = Options { lookup, open, rights, descriptor };
    let open = |directory: &Descriptor, path: &CStr| self::open(directory, path, &options);
    let checked = options.check(inheriting);
    answer(checked.and_then(|()| path_open(fd, (path, length), result, open)))
}
