//! The nodes of the bundles. The data is the compiler's, but every index in it is checked all the same.

use wasm_aot_abi::bundle::{Bundles, Node, Root};

use crate::program::{bundle_policy, slice};
use crate::sys::file::{FileKind, Stat};

use super::super::types::{Errno, Result};

/// A node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NodeIndex(pub u32);

/// The device that the guest sees all nodes on.
const DEVICE: u64 = u64::MAX;

fn bundles() -> Option<&'static Bundles> {
    // SAFETY: the compiler's constant data.
    bundle_policy().map(|policy| unsafe { &*policy.bundles })
}

pub fn roots() -> &'static [Root] {
    // SAFETY: the compiler's constant data.
    bundles().map_or(&[], |all| unsafe { slice(all.roots, all.root_count) })
}

fn nodes() -> &'static [Node] {
    // SAFETY: the compiler's constant data.
    bundles().map_or(&[], |all| unsafe { slice(all.nodes, all.node_count) })
}

/// A part of the names or contents.
fn part(bytes: *const u8, length: u64, start: u64, count: u64) -> &'static [u8] {
    // SAFETY: the compiler's constant data.
    let all = unsafe { slice(bytes, length) };
    all.get(start as usize..).and_then(|rest| rest.get(..count as usize)).unwrap_or_default()
}

impl NodeIndex {
    pub fn get(self) -> Result<&'static Node> {
        nodes().get(self.0 as usize).ok_or(Errno::IO)
    }

    pub fn parent(self) -> Result<NodeIndex> {
        Ok(NodeIndex(self.get()?.parent))
    }

    pub fn is_directory(self) -> bool {
        self.kind() == FileKind::Directory
    }

    pub fn kind(self) -> FileKind {
        self.get().map_or(FileKind::Other, Contents::file_kind)
    }

    /// The child with this name.
    pub fn child(self, wanted: &[u8]) -> Result<NodeIndex> {
        let (first, children) = self.get()?.children();
        let found = children.binary_search_by(|child| child.name().cmp(wanted));
        found.map(|place| NodeIndex(first + place as u32)).map_err(|_| Errno::NOENT)
    }

    /// What the guest sees of it. All times are 0, so that the same files give the same executable.
    pub fn stat(self) -> Result<Stat> {
        let node = self.get()?;
        Ok(Stat {
            device: DEVICE,
            inode: u64::from(self.0) + 1,
            kind: node.file_kind(),
            links: 1,
            size: if node.kind == Node::DIRECTORY { 0 } else { node.length },
            accessed: 0,
            modified: 0,
            changed: 0,
        })
    }
}

/// What nodes have.
pub trait Contents {
    fn name(&self) -> &'static [u8];
    /// Index of the first child, and all of them.
    fn children(&self) -> (u32, &'static [Node]);
    /// Of a file.
    fn contents(&self) -> &'static [u8];
    /// Of a link.
    fn target(&self) -> &'static [u8];
    fn file_kind(&self) -> FileKind;
}

impl Contents for Node {
    fn name(&self) -> &'static [u8] {
        let (start, length) = (self.name.into(), self.name_length.into());
        bundles().map_or(&[], |all| part(all.names, all.names_length, start, length))
    }

    fn children(&self) -> (u32, &'static [Node]) {
        let range = self.start as usize..self.start.saturating_add(self.length) as usize;
        let children = if self.kind == Node::DIRECTORY { nodes().get(range) } else { None };
        (self.start as u32, children.unwrap_or_default())
    }

    fn contents(&self) -> &'static [u8] {
        bundles().map_or(&[], |all| part(all.contents, all.contents_length, self.start, self.length))
    }

    fn target(&self) -> &'static [u8] {
        bundles().map_or(&[], |all| part(all.names, all.names_length, self.start, self.length))
    }

    fn file_kind(&self) -> FileKind {
        match self.kind {
            Node::DIRECTORY => FileKind::Directory,
            Node::FILE => FileKind::Regular,
            _ => FileKind::SymbolicLink,
        }
    }
}
