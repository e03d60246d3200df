//! The exported symbols, and the trie in which the system looks for them (`mach-o/loader.h`, dyld's
//! `ExportsTrie.cpp`).
//!
//! A node has the size of what it says about the name that ends there, flags and the distance from the start of the image,
//! the number of edges, and for each edge its text and the offset of the node to which it leads. Numbers are ULEB128.

use std::ops::Range;

use anyhow::{Result, bail};
use object::macho;

use super::input::{Definition, HEADER, Objects};
use super::layout::{Layout, Output};

/// An exported symbol.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    pub name: &'a [u8],
    pub output: Output,
    pub address: u64,
    /// `n_desc` of its symbol.
    pub description: u16,
}

/// What Apple's linker exports of an executable: its header.
pub fn of_executable(layout: &Layout<'_>) -> Export<'static> {
    let (output, address) = (Output::Code, layout.base);
    Export { name: HEADER, output, address, description: macho::REFERENCED_DYNAMICALLY }
}

/// Finds these symbols. `names` are in order.
pub fn of_library<'a>(
    objects: &Objects<'_>,
    layout: &Layout<'_>,
    names: &[&'a [u8]],
) -> Result<Vec<Export<'a>>> {
    let export = |name: &&'a [u8]| match objects.named(name)? {
        Definition::Place(atom, offset) => {
            let (output, start) = layout.places[&atom];
            Ok(Export { name, output, address: start + offset, description: 0 })
        }
        _ => bail!("the exported symbol `{}` isn't defined", String::from_utf8_lossy(name)),
    };
    names.iter().map(export).collect()
}

/// The trie of exports, which are in the order of their names.
pub fn trie(exports: &[Export<'_>], base: u64) -> Vec<u8> {
    let mut nodes = Vec::new();
    add(&mut nodes, exports, 0..exports.len(), 0, base);
    // The size of an offset depends on the offset: they only grow.
    let mut starts = vec![0; nodes.len()];
    loop {
        let mut at = 0;
        let before = starts.clone();
        for (start, node) in starts.iter_mut().zip(&nodes) {
            *start = at;
            at += node.encode(&before).len() as u64;
        }
        if starts == before {
            return nodes.iter().flat_map(|node| node.encode(&starts)).collect();
        }
    }
}

/// A node of the trie.
struct Node<'a> {
    /// The distance of the symbol whose name ends here.
    distance: Option<u64>,
    /// The text of each edge, and the index of the node to which it leads.
    edges: Vec<(&'a [u8], usize)>,
}

/// Adds the node for a range of exports whose names have the first `length` bytes in common, and those below it; returns
/// its index.
fn add<'a>(
    nodes: &mut Vec<Node<'a>>,
    exports: &[Export<'a>],
    range: Range<usize>,
    length: usize,
    base: u64,
) -> usize {
    let index = nodes.len();
    nodes.push(Node { distance: None, edges: Vec::new() });
    let Range { mut start, end } = range;
    if let Some(export) = exports[start..end].first()
        && export.name.len() == length
    {
        nodes[index].distance = Some(export.address - base);
        start += 1;
    }
    while start < end {
        let first = exports[start].name;
        let same = exports[start..end].partition_point(|export| export.name[length] == first[length]);
        // Names are in order, so what the first and the last have in common, all have.
        let last = exports[start + same - 1].name;
        let common = first.iter().zip(last).take_while(|(one, other)| one == other).count();
        let child = add(nodes, exports, start..start + same, common, base);
        nodes[index].edges.push((&first[length..common], child));
        start += same;
    }
    index
}

impl Node<'_> {
    /// `starts`: the offsets of all nodes.
    fn encode(&self, starts: &[u64]) -> Vec<u8> {
        let mut symbol = Vec::new();
        if let Some(distance) = self.distance {
            // `EXPORT_SYMBOL_FLAGS_KIND_REGULAR`.
            leb(&mut symbol, 0);
            leb(&mut symbol, distance);
        }
        let mut bytes = Vec::new();
        leb(&mut bytes, symbol.len() as u64);
        bytes.extend(symbol);
        bytes.push(self.edges.len() as u8);
        for (text, child) in &self.edges {
            bytes.extend_from_slice(text);
            bytes.push(0);
            leb(&mut bytes, starts[*child]);
        }
        bytes
    }
}

/// Appends a number as ULEB128.
pub fn leb(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks for a name as the system does; its distance.
    fn find(trie: &[u8], name: &[u8]) -> Option<u64> {
        let mut at = 0;
        let mut rest = name;
        loop {
            let size = number(trie, &mut at);
            let after = at + size as usize;
            if rest.is_empty() {
                if size == 0 {
                    return None;
                }
                assert_eq!(number(trie, &mut at), 0, "flags");
                return Some(number(trie, &mut at));
            }
            at = after;
            let edges = trie[at];
            at += 1;
            let mut next = None;
            for _ in 0..edges {
                let end = at + trie[at..].iter().position(|byte| *byte == 0).unwrap();
                let text = &trie[at..end];
                at = end + 1;
                let node = number(trie, &mut at);
                if rest.starts_with(text) {
                    next = Some((node as usize, text.len()));
                }
            }
            let (node, length) = next?;
            at = node;
            rest = &rest[length..];
        }
    }

    fn number(bytes: &[u8], at: &mut usize) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[*at];
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    fn export(name: &[u8], address: u64) -> Export<'_> {
        Export { name, output: Output::Code, address, description: 0 }
    }

    #[test]
    fn names_are_found() {
        // Enough that offsets have several sizes; some names begin with others.
        let mut names: Vec<String> = (0..3000).map(|number| format!("_p_{number}")).collect();
        names.extend(["_", "_p", "_p_instantiate", "_p_import", "_q"].map(str::to_owned));
        names.sort();
        let exports: Vec<Export<'_>> = names
            .iter()
            .zip(1..)
            .map(|(name, number)| export(name.as_bytes(), 0x1000 + 40 * number))
            .collect();
        let trie = trie(&exports, 0x1000);
        for (name, number) in names.iter().zip(1..) {
            assert_eq!(find(&trie, name.as_bytes()), Some(40 * number), "{name}");
        }
        for name in ["", "_p_", "_p_i", "_p_instantiate_", "_r", "p"] {
            assert_eq!(find(&trie, name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn that_of_an_executable_has_the_header() {
        let exports = [export(HEADER, 0x1_0000_0000)];
        let expected = [b"\0\x01".as_slice(), HEADER, b"\0\x17\x02\0\0\0"].concat();
        assert_eq!(trie(&exports, 0x1_0000_0000), expected);
    }

    #[test]
    fn without_names_it_is_a_node() {
        assert_eq!(trie(&[], 0), [0, 0]);
    }
}
