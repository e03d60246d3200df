//! Changing names: `path_create_directory`, `path_filestat_set_times`, `path_link`, `path_remove_directory`,
//! `path_rename`, `path_symlink`, `path_unlink_file`. Only what a granted directory has can be changed: what the
//! bundle has below it gives `ROFS`, and its names are taken (`EXIST`), except that a file may be moved over
//! one of the bundle, which it hides. Removing a name shows again what the bundle has under it.

use super::super::files::{Host, Name, PathArgument, Tree};
use super::super::filestat::{Times, path_set_times};
use super::super::path::{GuestName, GuestPath, PathBuffer};
use super::super::types::{Errno, Result, answer};
use super::Bundles;
use super::lookup::Place;
use super::tree::NodeIndex;

/// A name whose directory can be changed and lies over a bundle.
struct Changeable<N: Name> {
    directory: N::Directory,
    place: Place,
}

impl<N: Name> Changeable<N> {
    fn find(name: N) -> Option<Changeable<N>> {
        let directory = name.directory().ok()?;
        if directory.node().is_none() || !directory.has_host() || directory.read_only {
            return None;
        }
        let mut buffer = PathBuffer::new();
        // Slashes behind a name don't make it one of something else.
        let path = name.path().read(&mut buffer).ok()?.without_slashes();
        let place = Place::find(&directory, path.as_c_str(), false).ok()?;
        Some(Changeable { directory, place })
    }

    /// What only the bundle has there.
    fn node(&self) -> Option<NodeIndex> {
        self.place.node.filter(|_| !self.place.on_host)
    }
}

/// Whether it is the name of something that only the bundle has.
fn is_taken(name: impl Name) -> bool {
    Changeable::find(name).is_some_and(|found| found.node().is_some())
}

/// Whether only the bundle has it, or the directory that it is in.
fn is_in_bundle(name: impl Name) -> bool {
    Changeable::find(name).is_some_and(|found| {
        let place = &found.place;
        !place.on_host && (place.node.is_some() || place.parent(&found.directory).is_none())
    })
}

/// The host's outcome, unless it misses what the bundle has.
fn explain<N: Name, const COUNT: usize>(outcome: Result<()>, names: [N; COUNT]) -> Result<()> {
    if outcome == Err(Errno::NOENT) && names.into_iter().any(is_in_bundle) {
        return Err(Errno::ROFS);
    }
    outcome
}

/// Creates a name.
pub fn create(name: impl Name, create: impl FnOnce() -> Result<()>) -> Result<()> {
    if is_taken(name) { Err(Errno::EXIST) } else { explain(create(), [name]) }
}

/// Changes what has a name.
pub fn change(name: impl Name, change: impl FnOnce() -> Result<()>) -> Result<()> {
    explain(change(), [name])
}

pub fn link<N: Name>(from: N, follow: bool, to: N) -> Result<()> {
    explain(create(to, || Host::link(from, follow, to)), [from])
}

pub fn rename<N: Name>(from: N, to: N) -> Result<()> {
    let onto = Changeable::find(to).and_then(|found| found.node());
    if onto.is_some_and(NodeIndex::is_directory) {
        return Err(Errno::ROFS);
    }
    explain(Host::rename(from, to), [from, to])
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_create_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(Bundles::create_directory(GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_symlink(
    target: u32,
    target_length: u32,
    fd: u32,
    path: u32,
    length: u32,
) -> i32 {
    let target = GuestPath { pointer: target, length: target_length };
    answer(Bundles::symlink(target, GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_link(
    from: u32,
    flags: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let from = GuestName { fd: from, path: from_path, length: from_length };
    let to = GuestName { fd: to, path: to_path, length: to_length };
    answer(Bundles::link(from, flags != 0, to))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_rename(
    from: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let from = GuestName { fd: from, path: from_path, length: from_length };
    let to = GuestName { fd: to, path: to_path, length: to_length };
    answer(Bundles::rename(from, to))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_unlink_file(fd: u32, path: u32, length: u32) -> i32 {
    answer(Bundles::unlink(GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_remove_directory(fd: u32, path: u32, length: u32) -> i32 {
    answer(Bundles::remove_directory(GuestName { fd, path, length }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_filestat_set_times(
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> i32 {
    let times = Times { accessed, modified, flags };
    answer(path_set_times::<Bundles>(GuestName { fd, path, length }, lookup, &times))
}
