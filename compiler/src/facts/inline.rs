//! Which direct calls are replaced by the body of what they call, and which functions need no code of their own then. Decided
//! bottom-up over the graph of calls, before any function is translated, so that it depends on the program alone: not on the
//! number of threads, nor on debug information.
//!
//! All calls of a function in another one are inlined, or none is. Functions that call themselves, directly or through
//! others, are never inlined.

mod graph;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use cranelift_entity::{EntityRef as _, EntitySet};

use super::Facts;
use crate::parse::Summary;
use crate::program::{FuncId, Program};
use graph::{Edge, Graph, NodeId};

/// Sizes are in operators. What a call costs is about this: its arguments are moved, registers saved, a frame set up.
const TINY: u32 = 14;

/// The largest function that is inlined because it is called nowhere else.
const SINGLE: u32 = 160;

/// Functions that have grown to this size inline only what is tiny, and grow by at most half of their own size: registers are scarce in
/// them.
const LARGE: u32 = 6000;

/// Functions of this size inline nothing: Cranelift can't represent functions of any size.
const HUGE: u32 = 100_000;

/// The decisions.
#[derive(Default)]
pub struct Inlining {
    /// What is inlined into each function, ascending.
    callees: HashMap<FuncId, Vec<FuncId>>,
    /// The functions that are inlined wherever they are called.
    absorbed: EntitySet<FuncId>,
}

impl Inlining {
    /// The deepest nesting of inlined calls.
    pub const DEEPEST: u32 = 12;

    /// `devirtualise`: whether indirect calls of one of a few known functions are direct ones. `catches`: whether any function
    /// that compiled code calls can be called so that exceptions are caught.
    pub fn of(program: &Program<'_>, facts: &Facts, devirtualise: bool, catches: bool) -> Inlining {
        let graph = Graph::of(program, facts, devirtualise);
        let mut choice = Choice { program, facts, graph: &graph, catches, known: Vec::new() };
        choice.known.resize_with(graph.len(), Known::default);
        for node in graph.bottom_up() {
            choice.choose(node);
        }
        choice.finish()
    }

    /// What is inlined into a function.
    pub fn callees(&self, caller: FuncId) -> &[FuncId] {
        self.callees.get(&caller).map_or(&[], Vec::as_slice)
    }

    /// The functions into which others are inlined, with these; in no order.
    pub fn all(&self) -> impl Iterator<Item = (FuncId, &[FuncId])> {
        self.callees.iter().map(|(caller, callees)| (*caller, callees.as_slice()))
    }

    /// Whether the function has code of its own, if it can be called.
    pub fn has_code(&self, func: FuncId) -> bool {
        !self.absorbed.contains(func)
    }
}

/// What has been decided of a function.
#[derive(Default)]
struct Known {
    /// With what is inlined into it.
    size: u32,
    /// How deeply.
    depth: u32,
    inlined: Vec<NodeId>,
}

struct Choice<'c, 'a> {
    program: &'c Program<'a>,
    facts: &'c Facts,
    graph: &'c Graph,
    catches: bool,
    known: Vec<Known>,
}

impl Choice<'_, '_> {
    fn summary(&self, node: NodeId) -> &Summary {
        self.program.summary(self.graph.func(node)).expect("nodes are functions of modules")
    }

    /// Decides what is inlined into a function. What it calls has been decided, but for what calls it.
    fn choose(&mut self, caller: NodeId) {
        let summary = self.summary(caller);
        let own = summary.operators;
        let mut known = Known { size: own, depth: 0, inlined: Vec::new() };
        if own < HUGE && (self.catches || !summary.has_exceptions()) {
            let mut edges: Vec<&Edge> = self.graph.edges(caller).iter().collect();
            edges.sort_by_key(|edge| (self.known[edge.callee.index()].size, edge.callee));
            for edge in edges {
                if !self.is_possible(edge) {
                    continue;
                }
                let callee = &self.known[edge.callee.index()];
                // Even what is empty takes blocks.
                let added = edge.sites.saturating_mul(callee.size.saturating_sub(1).max(1));
                if known.size.saturating_add(added) > LARGE.max(own + own / 2) {
                    continue;
                }
                if callee.size > TINY {
                    let is_small = callee.size <= SINGLE && known.size.saturating_add(added) <= LARGE;
                    if !is_small || !self.is_single(edge) {
                        continue;
                    }
                }
                known.size = known.size.saturating_add(added);
                known.depth = known.depth.max(callee.depth + 1);
                known.inlined.push(edge.callee);
            }
        }
        known.inlined.sort_unstable();
        self.known[caller.index()] = known;
    }

    /// Whether calls of this function can be inlined, and aren't where the code isn't expected to get.
    fn is_possible(&self, edge: &Edge) -> bool {
        let summary = self.summary(edge.callee);
        !self.graph.is_recursive(edge.callee)
            && self.known[edge.callee.index()].depth < Inlining::DEEPEST
            && edge.last < edge.sites
            // The caller has no frame any more, so a backtrace doesn't show it.
            && edge.tail == 0
            && !summary.has_exceptions()
            && !summary.has_tail_call()
    }

    /// Whether the function is called nowhere else.
    fn is_single(&self, edge: &Edge) -> bool {
        let func = self.graph.func(edge.callee);
        edge.sites == 1 && self.graph.sites(edge.callee) == 1 && !self.facts.is_rooted(func)
    }

    fn finish(self) -> Inlining {
        let graph = self.graph;
        // Functions whose bodies are somewhere, and those that need code.
        let (mut used, mut needed) = (vec![false; graph.len()], vec![false; graph.len()]);
        let mut pending: Vec<NodeId> = Vec::new();
        for node in graph.nodes().filter(|node| self.facts.is_rooted(graph.func(*node))) {
            needed[node.index()] = true;
            pending.push(node);
        }
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut used[node.index()], true) {
                continue;
            }
            for edge in graph.edges(node) {
                needed[edge.callee.index()] |=
                    self.known[node.index()].inlined.binary_search(&edge.callee).is_err();
                pending.push(edge.callee);
            }
        }
        let mut inlining = Inlining::default();
        for (node, known) in graph.nodes().zip(&self.known) {
            let func = graph.func(node);
            if !needed[node.index()] {
                inlining.absorbed.insert(func);
            }
            if !known.inlined.is_empty() {
                let callees = known.inlined.iter().map(|callee| graph.func(*callee)).collect();
                inlining.callees.insert(func, callees);
            }
        }
        inlining
    }
}
