//! `fd_readdir`. Cookies of a directory of a bundle count its entries, `.` and `..` first. Where a granted
//! directory lies over it, the host's entries come first, with the host's cookies, and then those of the
//! bundle that the host doesn't have, with cookies from [`LOWER`] on.

use wasm_aot_abi::bundle::Node;

use super::super::descriptor::Descriptor;
use super::super::readdir::{self, Output, wasm_aot_wasi_fd_readdir};
use super::super::types::{Filetype, Result, answer};
use super::super::walk::NAME_SIZE;
use super::get_directory;
use super::tree::{Contents, NodeIndex};
use crate::memory::guest;
use crate::sys::file::FileKind;
use crate::sys::{c_str, dir};

/// Cookie of the first entry of a bundle below a granted directory.
const LOWER: u64 = 1 << 63;

/// Writes children from the one with this number on until the buffer is full; a child's cookie is its number
/// and `base`. `hidden`: those that aren't shown.
fn children(
    node: NodeIndex,
    first: u64,
    base: u64,
    output: &mut Output,
    hidden: impl Fn(&[u8]) -> bool,
) -> Result<()> {
    let (index, all) = node.get()?.children();
    for (number, child) in all.iter().enumerate().skip(usize::try_from(first).unwrap_or(usize::MAX)) {
        if hidden(child.name()) {
            continue;
        }
        let inode = u64::from(index) + number as u64 + 1;
        if !output.entry(base + number as u64 + 1, inode, child.file_kind().into(), child.name()) {
            break;
        }
    }
    Ok(())
}

/// Lists a directory that is in the bundle only.
fn own(node: NodeIndex, cookie: u64, output: &mut Output) -> Result<()> {
    let inodes = [node.stat()?.inode, node.parent()?.stat()?.inode];
    for (index, name) in [b".".as_slice(), b".."].into_iter().enumerate() {
        let next = index as u64 + 1;
        let inode = inodes.get(index).copied().unwrap_or_default();
        if cookie < next && !output.entry(next, inode, Filetype::Directory, name) {
            return Ok(());
        }
    }
    children(node, cookie.saturating_sub(2), 2, output, |_| false)
}

/// Whether the directory of the host has this name.
fn on_host(directory: &Descriptor, name: &[u8]) -> bool {
    let mut buffer = [0; NAME_SIZE];
    // The last byte stays 0.
    buffer.iter_mut().zip(name).take(NAME_SIZE - 1).for_each(|(to, from)| *to = *from);
    dir::stat_name(directory.host, c_str::from_buffer(&buffer)).is_ok()
}

/// See `Tree::added_entry`.
pub fn added_entry(directory: &Descriptor, number: u32) -> Result<Option<(u32, FileKind, &'static [u8])>> {
    let Some(node) = directory.node() else { return Ok(None) };
    let (_, children) = node.get()?.children();
    let mut shown = (0..).zip(children).skip(number as usize);
    let is_hidden = |child: &Node| directory.has_host() && on_host(directory, child.name());
    let found = shown.find(|(_, child)| !is_hidden(child));
    Ok(found.map(|(number, child)| (number, child.file_kind(), child.name())))
}

/// Lists a directory, with what lies over it.
fn list(
    number: u32,
    directory: &Descriptor,
    node: NodeIndex,
    cookie: u64,
    output: &mut Output,
) -> Result<()> {
    if !directory.has_host() {
        return own(node, cookie, output);
    }
    if cookie < LOWER {
        readdir::list(number, cookie, output)?;
        if output.room() == 0 {
            return Ok(());
        }
    }
    children(node, cookie.saturating_sub(LOWER), LOWER, output, |name| on_host(directory, name))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_fd_readdir(
    fd: u32,
    buffer: u32,
    size: u32,
    cookie: u64,
    result: u32,
) -> i32 {
    let Some((directory, node)) = get_directory(fd) else {
        return wasm_aot_wasi_fd_readdir(fd, buffer, size, cookie, result);
    };
    let mut output = Output::new(buffer, size);
    let listed = list(fd, &directory, node, cookie, &mut output);
    answer(listed.map(|()| guest::write_u32(result, size - output.room())))
}
