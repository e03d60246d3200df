//! Parts as a tree: modules of a component, kinds, groups such as namespaces, and what is in them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Kind, Part, Role, names};

/// A file, a group or a part.
#[derive(Serialize)]
pub struct Node {
    pub name: String,
    /// What is left of the name of a function without the groups that it is in, if that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What all bytes of it are for. Those within have the same, and don't repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    pub bytes: u64,
    #[serde(skip_serializing_if = "is_false")]
    pub function: bool,
    /// Whether it is a function that no build keeps.
    #[serde(skip_serializing_if = "is_false")]
    pub dead: bool,
    /// What it consists of, the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Node {
    /// The parts of a file of this name.
    pub fn of(name: &str, parts: Vec<(Part, u64)>) -> Node {
        let mut root = Group::default();
        for (part, bytes) in parts {
            root.add(part, bytes);
        }
        root.node(name.to_owned(), None)
    }

    /// Visits the parts, with the kind of each.
    pub fn leaves<'n>(&'n self, visit: &mut impl FnMut(Kind, &'n Node)) {
        self.visit(None, visit);
    }

    fn visit<'n>(&'n self, kind: Option<Kind>, visit: &mut impl FnMut(Kind, &'n Node)) {
        let kind = self.kind.or(kind);
        if let (true, Some(kind)) = (self.children.is_empty(), kind) {
            visit(kind, self);
        }
        for child in &self.children {
            child.visit(kind, visit);
        }
    }
}

/// A group that grows.
#[derive(Default)]
struct Group {
    groups: BTreeMap<(String, Option<Kind>), Group>,
    functions: Vec<Node>,
    /// The others, by their names.
    others: BTreeMap<String, u64>,
}

impl Group {
    fn add(&mut self, part: Part, bytes: u64) {
        let module = part.module.iter().map(|module| (module.to_string(), None));
        let kind = (part.kind.title().to_owned(), Some(part.kind));
        let groups = part.groups.into_iter().map(|group| (group, None));
        let group =
            module.chain([kind]).chain(groups).fold(self, |group, key| group.groups.entry(key).or_default());
        match part.role {
            Role::Other => *group.others.entry(part.name).or_default() += bytes,
            Role::Function | Role::DeadFunction => {
                let label = Some(names::within(&part.name)).filter(|label| *label != part.name);
                let node = Node {
                    label: label.map(str::to_owned),
                    function: true,
                    dead: part.role == Role::DeadFunction,
                    ..leaf(part.name, bytes)
                };
                group.functions.push(node);
            }
        }
    }

    fn node(self, name: String, kind: Option<Kind>) -> Node {
        let groups = self.groups.into_iter().map(|((name, kind), group)| group.node(name, kind));
        let others = self.others.into_iter().map(|(name, bytes)| leaf(name, bytes));
        let mut children: Vec<Node> = groups.chain(self.functions).chain(others).collect();
        children.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
        Node { kind, bytes: children.iter().map(|child| child.bytes).sum(), children, ..leaf(name, 0) }
    }
}

fn leaf(name: String, bytes: u64) -> Node {
    Node { name, label: None, kind: None, bytes, function: false, dead: false, children: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_sums() {
        let function = |name: &str| Part::function(Kind::Code, name.to_owned());
        let dead = Part { role: Role::DeadFunction, ..function("a::dead") };
        let parts = vec![
            (function("a::b::one"), 5),
            (function("a::b::two"), 7),
            (function("a::b::two"), 7),
            (dead, 1),
            (Part::new(Kind::Padding, "between"), 2),
            (Part::new(Kind::Padding, "between"), 3),
        ];
        let root = Node::of("file", parts);
        let mut seen = Vec::new();
        root.leaves(&mut |kind, node| seen.push((kind, node.name.clone(), node.bytes, node.dead)));
        let code = |name: &str, bytes, dead| (Kind::Code, name.to_owned(), bytes, dead);
        let expected = [
            code("a::b::two", 7, false),
            code("a::b::two", 7, false),
            code("a::b::one", 5, false),
            code("a::dead", 1, true),
            (Kind::Padding, "between".to_owned(), 5, false),
        ];
        assert_eq!((root.bytes, &seen[..]), (25, &expected[..]));
        let text = serde_json::to_string(&root.children[1]).unwrap();
        assert_eq!(
            text,
            r#"{"name":"padding","kind":"padding","bytes":5,"children":[{"name":"between","bytes":5}]}"#
        );
    }
}
