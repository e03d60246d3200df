//! Directory trees inside an executable, `--bundle`. All trees share one array of nodes:
//!
//! ```text
//! nodes:  root of bundle 0 | its children | their children | ... | root of bundle 1 | ...
//! ```
//!
//! The children of a directory lie side by side, sorted by the bytes of their names. Nodes have no
//! pointers, so that large trees need no relocations.

use crate::policy::Bytes;
use crate::shared::shared;

shared! {
    pub struct Bundles<P> {
        pub roots: P::Const<Root<P>>,
        pub root_count: u64,
        pub nodes: P::Const<Node>,
        pub node_count: u64,
        /// Names and targets of links, not terminated.
        pub names: P::Const<u8>,
        pub names_length: u64,
        /// Contents of files.
        pub contents: P::Const<u8>,
        pub contents_length: u64,
    }

    /// A tree.
    pub struct Root<P> {
        /// The name under which the guest sees it.
        pub guest: Bytes<P>,
        /// Index of the node.
        pub node: u64,
    }

    /// A name in a tree.
    #[derive(Clone, Copy)]
    pub struct Node {
        /// The position of the name in `names`; empty for a root.
        pub name: u32,
        pub name_length: u32,
        /// One of the constants below.
        pub kind: u32,
        /// Index of the parent directory; a root's own index.
        pub parent: u32,
        /// Index of the first child, or the position of the contents or of the link's target.
        pub start: u64,
        /// The number of children, or of bytes.
        pub length: u64,
    }
}

impl Node {
    pub const DIRECTORY: u32 = 0;
    pub const FILE: u32 = 1;
    pub const LINK: u32 = 2;
}

/// Alignment of the contents of each file.
pub const CONTENTS_ALIGNMENT: u64 = 8;

/// The maximum total size of the contents, in bytes: code refers to data that is less than 2 GiB away.
pub const MAX_CONTENTS: u64 = 1 << 30;

/// The maximum number of nodes.
pub const MAX_NODES: usize = 1 << 20;
