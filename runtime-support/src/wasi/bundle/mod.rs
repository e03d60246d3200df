//! Bundles: read-only directory trees in the executable (`wasm_aot_abi::bundle`). A program with bundles is
//! linked with the functions of this folder instead of those of the same name outside; they do what concerns
//! a bundle and leave everything else to those.
//!
//! A descriptor's `lower` says which node it stands for. A granted directory with the name of a bundle lies
//! over it, and so does each directory beneath it over the one with the same path: what isn't found there is
//! looked for in the bundle. A descriptor that has nothing but a node has no host descriptor.

mod change;
mod file;
mod list;
mod lookup;
mod open;
mod preview0;
mod stat;
mod tree;

use core::ffi::CStr;

use wasm_aot_abi::policy::DirGrant;

use crate::fail::fail_because;
use crate::program::bytes;
use crate::sys::dir::NewTime;
use crate::sys::file::{FileKind, IoVec, Stat};

use super::descriptor::{self, Descriptor, Kind, NO_HOST, Used};
use super::files::open::Options;
use super::files::{Host, Name, PathArgument, Tree};
use super::grants;
use super::types::{Errno, Result};
use tree::NodeIndex;

impl Descriptor {
    /// What the descriptor stands for in a bundle.
    fn node(&self) -> Option<NodeIndex> {
        self.lower.checked_sub(1).map(NodeIndex)
    }

    /// Whether it is a file of a bundle.
    fn is_bundled(&self) -> bool {
        self.kind == Kind::Bundled
    }

    fn has_host(&self) -> bool {
        self.host != NO_HOST
    }

    /// The same with a directory of a bundle below it.
    fn over(self, node: Option<NodeIndex>) -> Descriptor {
        Descriptor { lower: node.map_or(0, |node| node.0 + 1), ..self }
    }
}

/// The node of an open file.
fn get_file(number: u32) -> Option<NodeIndex> {
    descriptor::peek(number).ok().filter(Descriptor::is_bundled)?.node()
}

/// A directory with a node.
fn get_directory(number: u32) -> Option<(Used, NodeIndex)> {
    let descriptor = descriptor::get_directory(number).ok()?;
    let node = descriptor.node()?;
    Some((descriptor, node))
}

/// Reads the file that has this `Descriptor::lower`, at a place.
///
/// # Safety
/// The memory of the pieces may be written, and nobody holds references to it.
pub unsafe fn read(lower: u32, pieces: &[IoVec], position: u64) -> Result<usize> {
    let node = lower.checked_sub(1).map(NodeIndex).ok_or(Errno::BADF)?;
    // SAFETY: as the caller promises.
    unsafe { file::read_at(node, pieces, position) }
}

/// The files of the host, and of the bundles below granted directories.
pub struct Bundles;

impl Tree for Bundles {
    fn open(directory: &Descriptor, path: &CStr, options: &Options) -> Result<Descriptor> {
        open::open(directory, path, options)
    }

    unsafe fn read(file: &Descriptor, pieces: &[IoVec], position: u64) -> Result<usize> {
        if file.is_bundled() {
            // SAFETY: as the caller promises.
            return unsafe { read(file.lower, pieces, position) };
        }
        // SAFETY: as the caller promises.
        unsafe { Host::read(file, pieces, position) }
    }

    fn added_entry(directory: &Descriptor, number: u32) -> Result<Option<(u32, FileKind, &'static [u8])>> {
        list::added_entry(directory, number)
    }

    fn stat(descriptor: &Descriptor) -> Result<Stat> {
        stat::stat(descriptor)
    }

    fn stat_at(name: impl Name, follow: bool) -> Result<Stat> {
        stat::stat_at(name, follow)
    }

    fn set_times_at(name: impl Name, follow: bool, accessed: NewTime, modified: NewTime) -> Result<()> {
        change::change(name, || Host::set_times_at(name, follow, accessed, modified))
    }

    fn read_link(name: impl Name, show: &mut impl FnMut(&[u8])) -> Result<()> {
        stat::read_link(name, show)
    }

    fn create_directory(name: impl Name) -> Result<()> {
        change::create(name, || Host::create_directory(name))
    }

    fn remove_directory(name: impl Name) -> Result<()> {
        change::change(name, || Host::remove_directory(name))
    }

    fn unlink(name: impl Name) -> Result<()> {
        change::change(name, || Host::unlink(name))
    }

    fn symlink(target: impl PathArgument, name: impl Name) -> Result<()> {
        change::create(name, || Host::symlink(target, name))
    }

    fn link<N: Name>(from: N, follow: bool, to: N) -> Result<()> {
        change::link(from, follow, to)
    }

    fn rename<N: Name>(from: N, to: N) -> Result<()> {
        change::rename(from, to)
    }
}

/// `wasm_aot_abi::symbols::OPEN_BUNDLES`: puts each bundle below the granted directory with its name, or
/// grants it as the guest's next descriptor. Called when everything else is granted.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_bundles() {
    for root in tree::roots() {
        let node = NodeIndex(root.node as u32);
        let name = bytes(&root.guest);
        let opened = match find(name) {
            Some(number) => descriptor::update(number, |granted| {
                *granted = granted.over(Some(node));
                Ok(())
            }),
            None => grant(DirGrant { host: root.guest, guest: root.guest, flags: 0 }, node),
        };
        if opened.is_err() {
            fail_because(&[b"too many directories are granted for the bundle `", name, b"`"]);
        }
    }
}

/// The granted directory with a name; the last one if there are several.
fn find(name: &[u8]) -> Option<u32> {
    let granted = (3..).map_while(|number| Some((number, descriptor::peek(number).ok()?)));
    let has_name = |grant: u16| grants::get(grant).is_some_and(|grant| bytes(&grant.guest) == name);
    let granted =
        granted.filter(|(_, descriptor)| descriptor.kind == Kind::Grant && has_name(descriptor.grant));
    granted.last().map(|(number, _)| number)
}

fn grant(grant: DirGrant, node: NodeIndex) -> Result<()> {
    let index = grants::add(grant).ok_or(Errno::MFILE)?;
    let granted = Descriptor { grant: index, ..Descriptor::new(Kind::Grant, NO_HOST, true) };
    descriptor::add(granted.over(Some(node))).map(drop)
}
