//! Where a line of the instruction cache should begin in a function. Cranelift doesn't align blocks, so the object writer
//! chooses where the function starts.
//!
//! It pays for the *dispatch* of an interpreter: a block that ends in a large jump table and that many blocks branch to. It is
//! executed for each operation; where the end of a line is in its midst, Lua takes more time (docs/decisions.md has figures). What
//! else was measured takes the same time wherever it is, so no other function is moved.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Targets of its table, and blocks that branch to it, that a dispatch has at least.
const LEAST: usize = 16;

/// Bytes in a line of the instruction cache.
pub const LINE: u32 = 64;

/// The offset in the code of the dispatch to which most blocks branch, given the branches between blocks by their offsets,
/// those from the same block together.
pub fn dispatch(edges: &[(u32, u32)]) -> Option<u32> {
    let mut before: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for branches in edges.chunk_by(|one, other| one.0 == other.0) {
        if branches.len() >= LEAST
            && branches.iter().map(|(_, to)| to).collect::<BTreeSet<_>>().len() >= LEAST
        {
            before.insert(branches[0].0, BTreeSet::new());
        }
    }
    if before.is_empty() {
        return None;
    }
    for (from, to) in edges {
        if let Some(before) = before.get_mut(to) {
            before.insert(*from);
        }
    }
    let found = before.iter().filter(|(_, before)| before.len() >= LEAST);
    // The first of equals.
    found.min_by_key(|(_, before)| Reverse(before.len())).map(|(offset, _)| *offset)
}

/// The number of bytes from the beginning of a line to the start of a function with this alignment, so that the instruction
/// at `offset` begins a line, or nearly does.
pub fn lead(offset: u32, alignment: u32) -> u32 {
    (LINE - offset % LINE).next_multiple_of(alignment) % LINE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dispatch at 10 with this many operations.
    fn interpreter(operations: u32) -> Vec<(u32, u32)> {
        let operations = (1..=operations).map(|number| 10 + 20 * number);
        let back = operations.clone().map(|start| (start, 10));
        [(0, 10)].into_iter().chain(operations.map(|start| (10, start))).chain(back).collect()
    }

    #[test]
    fn dispatches_are_found() {
        assert_eq!(dispatch(&interpreter(40)), Some(10));
        assert_eq!(dispatch(&interpreter(LEAST as u32 - 1)), None);
        assert_eq!(dispatch(&[]), None);
        // A block with a table that few branch to, and one that many branch to without a table.
        let switch: Vec<_> =
            (1..40).map(|number| (0, number)).chain((1..40).map(|number| (number, 99))).collect();
        assert_eq!(dispatch(&switch), None);
        // A branch that there is twice counts once.
        let mut twice: Vec<_> =
            interpreter(LEAST as u32 - 1).into_iter().flat_map(|branch| [branch; 2]).collect();
        assert_eq!(dispatch(&twice), None);
        // Of two, the one to which more branch.
        twice.extend(interpreter(20).into_iter().map(|(from, to)| (from + 1000, to + 1000)));
        assert_eq!(dispatch(&twice), Some(1010));
    }

    #[test]
    fn the_dispatch_begins_a_line_as_nearly_as_the_alignment_allows() {
        for alignment in [1, 4, 8, 16, 64] {
            for offset in 0..1000 {
                let lead = lead(offset, alignment);
                assert!(lead < LINE && lead.is_multiple_of(alignment));
                assert!((lead + offset) % LINE < alignment, "{offset}, {alignment}");
            }
        }
    }
}
