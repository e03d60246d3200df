//! The graph of calls whose callee is known, between functions of modules that can be called, and its strongly connected components.

use std::collections::BTreeMap;

use cranelift_entity::packed_option::PackedOption;
use cranelift_entity::{EntityRef as _, PrimaryMap, SecondaryMap, entity_impl};

use crate::facts::Facts;
use crate::parse::{CallSite, Callee};
use crate::program::{FuncId, Program};

/// A function in the graph. In the order of the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);
entity_impl!(NodeId);

/// The calls of a function in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub callee: NodeId,
    /// How many there are.
    pub sites: u32,
    /// How many are tail calls.
    pub tail: u32,
    /// How many aren't expected to return.
    pub last: u32,
}

struct Node {
    func: FuncId,
    /// By callee.
    edges: Vec<Edge>,
    /// The number of its calls in all functions.
    sites: u32,
    /// Whether it can lead to itself.
    is_recursive: bool,
}

pub struct Graph {
    nodes: PrimaryMap<NodeId, Node>,
    /// Callees before callers, but for those that call one another.
    order: Vec<NodeId>,
}

impl Graph {
    pub fn of(program: &Program<'_>, facts: &Facts, devirtualise: bool) -> Graph {
        let mut nodes: PrimaryMap<NodeId, Node> = PrimaryMap::new();
        let mut numbers: SecondaryMap<FuncId, PackedOption<NodeId>> = SecondaryMap::new();
        for func in facts.reachable().filter(|func| program.wasm(*func).is_some()) {
            let node = Node { func, edges: Vec::new(), sites: 0, is_recursive: false };
            numbers[func] = nodes.push(node).into();
        }
        for caller in nodes.keys() {
            let edges = edges(program, facts, devirtualise, nodes[caller].func, &numbers);
            for edge in &edges {
                nodes[edge.callee].sites += edge.sites;
            }
            nodes[caller].edges = edges;
        }
        let mut graph = Graph { nodes, order: Vec::new() };
        graph.connect();
        graph
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.nodes.keys()
    }

    pub fn func(&self, node: NodeId) -> FuncId {
        self.nodes[node].func
    }

    pub fn edges(&self, node: NodeId) -> &[Edge] {
        &self.nodes[node].edges
    }

    /// The number of calls of a function.
    pub fn sites(&self, node: NodeId) -> u32 {
        self.nodes[node].sites
    }

    /// Whether a function can lead to itself.
    pub fn is_recursive(&self, node: NodeId) -> bool {
        self.nodes[node].is_recursive
    }

    /// All functions: callees before callers, but for those that can lead to one another.
    pub fn bottom_up(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.order.iter().copied()
    }

    /// Finds the strongly connected components, as Tarjan does, without recursion.
    fn connect(&mut self) {
        /// Of a node that hasn't been visited, or whose component is complete.
        const NONE: u32 = u32::MAX;
        let count = self.len();
        let (mut numbers, mut lowest, mut on_stack) =
            (vec![NONE; count], vec![NONE; count], vec![false; count]);
        let (mut stack, mut visits): (Vec<NodeId>, Vec<(NodeId, usize)>) = (Vec::new(), Vec::new());
        let mut next = 0;
        for root in self.nodes.keys() {
            if numbers[root.index()] != NONE {
                continue;
            }
            visits.push((root, 0));
            while let Some((node, position)) = visits.last_mut() {
                let at = node.index();
                if *position == 0 && numbers[at] == NONE {
                    (numbers[at], lowest[at]) = (next, next);
                    next += 1;
                    stack.push(*node);
                    on_stack[at] = true;
                }
                if let Some(edge) = self.nodes[*node].edges.get(*position) {
                    *position += 1;
                    let callee = edge.callee.index();
                    if numbers[callee] == NONE {
                        visits.push((edge.callee, 0));
                    } else if on_stack[callee] {
                        lowest[at] = lowest[at].min(numbers[callee]);
                    }
                    continue;
                }
                let node = *node;
                visits.pop();
                if let Some((caller, _)) = visits.last() {
                    lowest[caller.index()] = lowest[caller.index()].min(lowest[at]);
                }
                if lowest[at] == numbers[at] {
                    let start = stack.iter().rposition(|member| *member == node).expect("it is on the stack");
                    let calls_itself = self.nodes[node].edges.iter().any(|edge| edge.callee == node);
                    let is_recursive = stack.len() - start > 1 || calls_itself;
                    for member in stack.drain(start..) {
                        on_stack[member.index()] = false;
                        self.nodes[member].is_recursive = is_recursive;
                        self.order.push(member);
                    }
                }
            }
        }
    }
}

/// The calls in a function.
fn edges(
    program: &Program<'_>,
    facts: &Facts,
    devirtualise: bool,
    caller: FuncId,
    numbers: &SecondaryMap<FuncId, PackedOption<NodeId>>,
) -> Vec<Edge> {
    let (Some((instance, _)), Some(summary)) = (program.wasm(caller), program.summary(caller)) else {
        return Vec::new();
    };
    let mut edges: BTreeMap<NodeId, Edge> = BTreeMap::new();
    let mut add = |func: FuncId, site: &CallSite| {
        let Some(callee) = numbers[func].expand() else { return };
        let edge = edges.entry(callee).or_insert(Edge { callee, sites: 0, tail: 0, last: 0 });
        edge.sites += 1;
        edge.tail += u32::from(site.is_tail);
        edge.last += u32::from(site.is_last);
    };
    for site in &summary.call_sites {
        match site.callee {
            Callee::Function(func) => add(facts.called(instance.funcs[func]), site),
            Callee::Element(table, signature) if devirtualise => {
                let targets = facts.targets(instance.tables[table], instance.types[signature]);
                targets.iter().for_each(|target| add(target.func, site));
            }
            Callee::Element(..) => {}
        }
    }
    edges.into_values().collect()
}
