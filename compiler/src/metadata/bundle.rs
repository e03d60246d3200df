//! Bundles: directory trees in the executable, in the form of `wasm_aot_abi::bundle`.

use std::collections::VecDeque;
use std::io::{self, Write};

use anyhow::{Result, anyhow, bail};
use object::write::{Object, SectionId};
use object::{BinaryFormat, SectionKind};
use wasm_aot_abi::bundle::{self as abi, Bundles, CONTENTS_ALIGNMENT, Node, Root};
use wasm_aot_abi::policy::Bytes;
use wasm_aot_abi::shared::{Pointer, Store};

use super::encoder::{Address, Encoder, Reference, Symbolic};
use crate::policy::bundle::{Bundle, Entry};

/// The section with the contents of files.
const SECTION: &str = ".rodata.wasm_aot.bundle";

/// The arrays that all trees share.
struct Trees<'o> {
    nodes: Vec<Node>,
    names: Vec<u8>,
    contents: Contents<'o>,
}

/// The contents of files, in a section of their own.
struct Contents<'o> {
    object: &'o mut Object<'static>,
    section: SectionId,
    length: u64,
}

impl Write for Contents<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        if self.length > abi::MAX_CONTENTS {
            return Err(io::Error::other("a program can have no more than 1 GiB of bundled files"));
        }
        self.object.append_section_data(self.section, bytes, 1);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'o> Trees<'o> {
    fn new(object: &'o mut Object<'static>) -> Trees<'o> {
        let (segment, name) = match object.format() {
            BinaryFormat::MachO => ("__TEXT", "__bundle"),
            _ => ("", SECTION),
        };
        let section = object.add_section(segment.into(), name.into(), SectionKind::ReadOnlyData);
        Trees { nodes: Vec::new(), names: Vec::new(), contents: Contents { object, section, length: 0 } }
    }

    /// Adds a tree, and returns the index of its root.
    fn add(&mut self, tree: &Entry) -> Result<u64> {
        let root = self.nodes.len();
        let mut pending = VecDeque::new();
        self.node("", tree, root)?;
        pending.push_back((root, tree));
        while let Some((index, entry)) = pending.pop_front() {
            let Entry::Directory(entries) = entry else { continue };
            self.nodes[index].start = self.nodes.len() as u64;
            for (name, entry) in entries {
                pending.push_back((self.nodes.len(), entry));
                self.node(name, entry, index)?;
            }
        }
        Ok(root as u64)
    }

    fn node(&mut self, name: &str, entry: &Entry, parent: usize) -> Result<()> {
        let number = |value: usize| u32::try_from(value).map_err(|_| anyhow!("the bundles are too large"));
        let (name_at, name_length) = (number(self.names.len())?, number(name.len())?);
        self.names.extend_from_slice(name.as_bytes());
        let (kind, start, length) = match entry {
            Entry::Directory(entries) => (Node::DIRECTORY, 0, entries.len() as u64),
            Entry::File(file) => {
                let padding =
                    self.contents.length.next_multiple_of(CONTENTS_ALIGNMENT) - self.contents.length;
                self.contents.write_all(&[0; CONTENTS_ALIGNMENT as usize][..padding as usize])?;
                let start = self.contents.length;
                file.read(&mut self.contents)?;
                (Node::FILE, start, self.contents.length - start)
            }
            Entry::Link(target) => {
                let start = self.names.len() as u64;
                self.names.extend_from_slice(target.as_bytes());
                (Node::LINK, start, target.len() as u64)
            }
        };
        if self.nodes.len() == abi::MAX_NODES {
            bail!("a program can have no more than {} bundled files and directories", abi::MAX_NODES);
        }
        self.nodes.push(Node { name: name_at, name_length, kind, parent: number(parent)?, start, length });
        Ok(())
    }
}

/// Adds the bundles; none if there are none.
///
/// # Errors
/// If they are too large, or can't be read.
pub fn add(encoder: &mut Encoder<'_>, bundles: &[Bundle]) -> Result<Option<Reference<Bundles<Symbolic>>>> {
    if bundles.is_empty() {
        return Ok(None);
    }
    let mut trees = Trees::new(encoder.object);
    let indices: Vec<u64> = bundles.iter().map(|bundle| trees.add(&bundle.tree)).collect::<Result<_>>()?;
    let Trees { nodes, names, contents: Contents { section, length: contents_length, .. } } = trees;
    let contents = Pointer::to(Address::symbol(encoder.section_symbol(section)));
    let guests = bundles.iter().zip(indices);
    let roots: Vec<Root<Symbolic>> =
        guests.map(|(bundle, node)| Root { guest: encoder.bytes(bundle.guest.as_bytes()), node }).collect();
    let roots_at = encoder.array(&roots);
    let nodes_at = encoder.array(&nodes);
    let Bytes { data: names, length: names_length } = encoder.bytes(&names);
    Ok(Some(encoder.one(Bundles {
        roots: roots_at,
        root_count: roots.len() as u64,
        nodes: nodes_at,
        node_count: nodes.len() as u64,
        names,
        names_length,
        contents,
        contents_length,
    })))
}
