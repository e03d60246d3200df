//! What has grown and what has shrunk between two files, by name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Kind, Node, is_unnamed};

/// Two files compared.
#[derive(Serialize)]
pub struct Diff {
    /// The sizes of the files, in bytes.
    pub before: u64,
    pub after: u64,
    /// By kind, in the order of kinds.
    pub kinds: Vec<KindChange>,
    /// The parts whose sizes differ: what has changed most comes first.
    pub changes: Vec<Change>,
}

/// The bytes of a kind.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub struct KindChange {
    pub kind: Kind,
    pub before: u64,
    pub after: u64,
}

/// The bytes of the parts of one name.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    pub name: String,
    /// 0 if it is new.
    pub before: u64,
    /// 0 if it is gone.
    pub after: u64,
    /// Whether it is a function.
    pub function: bool,
}

/// What indices name isn't the same in both files.
const UNNAMED: &str = "functions without names";

impl Diff {
    pub fn new(before: &Node, after: &Node) -> Diff {
        let mut kinds: BTreeMap<Kind, [u64; 2]> = BTreeMap::new();
        let mut parts: BTreeMap<(Kind, bool, &str), [u64; 2]> = BTreeMap::new();
        for (side, root) in [before, after].into_iter().enumerate() {
            root.leaves(&mut |kind, node| {
                let name = if node.function && is_unnamed(&node.name) { UNNAMED } else { &node.name };
                kinds.entry(kind).or_default()[side] += node.bytes;
                parts.entry((kind, node.function, name)).or_default()[side] += node.bytes;
            });
        }
        let kinds = kinds.into_iter().map(|(kind, [before, after])| KindChange { kind, before, after });
        let changes = parts.into_iter().filter(|(_, [before, after])| before != after);
        let mut changes: Vec<Change> = changes
            .map(|((kind, function, name), [before, after])| Change {
                kind,
                name: name.to_owned(),
                before,
                after,
                function,
            })
            .collect();
        // Those that have changed as much stay in the order of their names.
        changes.sort_by_key(|change| std::cmp::Reverse(change.before.abs_diff(change.after)));
        Diff { before: before.bytes, after: after.bytes, kinds: kinds.collect(), changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::Part;

    #[test]
    fn what_grew_and_what_shrank() {
        let tree = |parts: &[(&str, u64)]| {
            let parts =
                parts.iter().map(|(name, bytes)| (Part::function(Kind::Code, (*name).to_owned()), *bytes));
            Node::of("file", parts.collect())
        };
        let before =
            tree(&[("a", 10), ("b", 20), ("gone", 3), ("function 1", 5), ("twice", 1), ("twice", 1)]);
        let after = tree(&[("a", 10), ("b", 5), ("new", 4), ("function 2", 5), ("twice", 3)]);
        let diff = Diff::new(&before, &after);
        assert_eq!((diff.before, diff.after), (40, 27));
        assert_eq!(diff.kinds, [KindChange { kind: Kind::Code, before: 40, after: 27 }]);
        let changes = diff.changes.iter().map(|change| (&*change.name, change.before, change.after));
        let expected = [("b", 20, 5), ("new", 0, 4), ("gone", 3, 0), ("twice", 2, 3)];
        assert_eq!(changes.collect::<Vec<_>>(), expected);
        assert!(Diff::new(&before, &before).changes.is_empty());
    }
}
