//! What can have a twin, and what should.
//!
//! A *choice* is a parameter of a block or a selection: its twin takes twins of all values that it may be, each of which may be
//! a choice, too. A choice has a twin if that saves more instructions than it takes, by how deep in loops they are. What it
//! saves are its extensions, and extensions for choices that it is a part of; what it takes are the extensions of values that
//! have no twin. So it is a matter of all choices together: starting with all of them, those that don't pay are
//! given up one after the other, and in the end each group that hangs together must pay for itself, since values
//! that go around in a loop of choices would keep each other.

use cranelift_codegen::Context;
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, ValueDef, types};
use cranelift_entity::SecondaryMap;

use super::extension::{Extension, extensions_of};
use crate::optimise::branches::{Branches, Way};
use crate::targets::FreeExtensions;

/// A 32-bit value that is one of several others.
pub struct Choice {
    pub value: Value,
    /// The selection; none for a parameter.
    pub selection: Option<Inst>,
    pub ways: Vec<Way>,
    /// Whether it gets a twin.
    pub chosen: bool,
}

/// How a value comes to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A load with no more than 32 bits.
    Load(Inst),
    /// By its number in `Graph::choices`.
    Choice(u32),
    Other,
}

/// The values that may have a twin.
pub struct Graph {
    pub choices: Vec<Choice>,
    /// Which values are choices: their numbers and 1.
    numbers: SecondaryMap<Value, u32>,
    /// The ways that have been found so far.
    ways: usize,
}

/// The most ways of a function: those of a large interpreter are a few ten thousand.
const MOST_WAYS: usize = 1 << 18;
/// The most extensions of a value that are looked at, for each way.
const MOST_EXTENSIONS: usize = 1 << 6;

impl Graph {
    /// Finds all choices that are extended, or are a part of one.
    pub fn new(func: &Function, cfg: &ControlFlowGraph, extensions: &[Extension]) -> Graph {
        let mut graph = Graph { choices: Vec::new(), numbers: SecondaryMap::new(), ways: 0 };
        let mut branches = Branches::new(func, cfg);
        for extension in extensions {
            graph.add(&mut branches, extension.narrow);
        }
        let mut next = 0;
        while next < graph.choices.len() {
            for way in 0..graph.choices[next].ways.len() {
                let value = graph.choices[next].ways[way].value;
                graph.add(&mut branches, value);
            }
            next += 1;
        }
        graph
    }

    fn add(&mut self, branches: &mut Branches<'_>, value: Value) {
        if self.numbers[value] != 0 {
            return;
        }
        let func = branches.func;
        let (ways, selection) = match func.dfg.value_def(value) {
            ValueDef::Param(block, position) => (branches.ways(block, position, MOST_WAYS - self.ways), None),
            ValueDef::Result(inst, _) if func.dfg.insts[inst].opcode() == Opcode::Select => {
                (selection(func, inst), Some(inst))
            }
            _ => return,
        };
        let Some(ways) = ways.filter(|ways| self.ways + ways.len() <= MOST_WAYS) else { return };
        self.ways += ways.len();
        self.choices.push(Choice { value, selection, ways, chosen: false });
        self.numbers[value] = self.choices.len() as u32;
    }

    /// How a 32-bit value that isn't an alias comes to be.
    pub fn source(&self, func: &Function, value: Value) -> Source {
        if let Some(number) = self.numbers[value].checked_sub(1) {
            return Source::Choice(number);
        }
        match func.dfg.value_def(value) {
            ValueDef::Result(inst, _) if is_load(func, inst) => Source::Load(inst),
            _ => Source::Other,
        }
    }

    /// Chooses what gets a twin.
    pub fn choose(&mut self, context: &Context, extensions: &[Extension], free: FreeExtensions) {
        let balance = Balance::new(self, context, extensions, free);
        let chosen = balance.choose(self);
        for (choice, chosen) in self.choices.iter_mut().zip(chosen) {
            choice.chosen = chosen;
        }
    }
}

fn is_load(func: &Function, inst: Inst) -> bool {
    matches!(func.dfg.insts[inst].opcode(), Opcode::Load | Opcode::Uload8 | Opcode::Uload16)
        && func.dfg.value_type(func.dfg.first_result(inst)) == types::I32
}

fn selection(func: &Function, inst: Inst) -> Option<Vec<Way>> {
    let from = func.layout.inst_block(inst)?;
    let way = |number: u32| {
        let value = func.dfg.resolve_aliases(func.dfg.inst_args(inst)[number as usize]);
        Way { at: inst, from, number, value }
    };
    Some(vec![way(1), way(2)])
}

/// What twins save and take, in instructions by how often they are executed.
struct Balance {
    /// Extensions of the choice itself.
    own: Vec<u64>,
    /// With extensions for choices that have a twin.
    saved: Vec<u64>,
    /// For values that never have a twin.
    outside: Vec<u64>,
    /// With those for choices that have none.
    taken: Vec<u64>,
    /// The choices that each is a part of, and how often.
    users: Vec<Vec<(u32, u64)>>,
    /// The choices that are parts of each, and how often.
    parts: Vec<Vec<(u32, u64)>>,
}

impl Balance {
    fn new(graph: &Graph, context: &Context, extensions: &[Extension], free: FreeExtensions) -> Balance {
        let Context { func, domtree, loop_analysis, .. } = context;
        // A loop is taken to have eight rounds.
        let times = |block: Block| match func.layout.is_cold(block) {
            true => 0,
            false => 8u64.pow(loop_analysis.loop_level(block).level().min(8) as u32),
        };
        let count = graph.choices.len();
        let mut own = vec![0; count];
        let mut outside = vec![0; count];
        let mut users = vec![Vec::new(); count];
        let mut parts = vec![Vec::new(); count];
        for (number, choice) in graph.choices.iter().enumerate() {
            own[number] = extensions_of(extensions, choice.value).iter().map(|one| times(one.block)).sum();
            for way in &choice.ways {
                match graph.source(func, way.value) {
                    Source::Choice(part) if part as usize == number => {}
                    Source::Choice(part) => {
                        users[part as usize].push((number as u32, times(way.from)));
                        parts[number].push((part, times(way.from)));
                    }
                    Source::Load(_) => {}
                    Source::Other if is_free(func, way.value, free) => {}
                    Source::Other => {
                        if extended_before(func, domtree, extensions, way).is_none() {
                            outside[number] += times(way.from);
                        }
                    }
                }
            }
        }
        let with_users =
            |number: usize| own[number] + users[number].iter().map(|(_, times)| times).sum::<u64>();
        let saved = (0..count).map(with_users).collect();
        Balance { saved, taken: outside.clone(), own, outside, users, parts }
    }

    /// Which choices get a twin.
    fn choose(mut self, graph: &Graph) -> Vec<bool> {
        let mut chosen = vec![true; graph.choices.len()];
        let mut doubtful: Vec<u32> = (0..graph.choices.len() as u32).collect();
        while let Some(number) = doubtful.pop() {
            let index = number as usize;
            if !chosen[index] || self.saved[index] > self.taken[index] {
                continue;
            }
            chosen[index] = false;
            for (user, times) in &self.users[index] {
                self.taken[*user as usize] += times;
                doubtful.push(*user);
            }
            for (part, times) in &self.parts[index] {
                self.saved[*part as usize] -= times;
                doubtful.push(*part);
            }
        }
        self.drop_groups(&mut chosen);
        chosen
    }

    /// Gives up groups of choices that don't save more than they take.
    fn drop_groups(&self, chosen: &mut [bool]) {
        let mut seen = vec![false; chosen.len()];
        for first in 0..chosen.len() {
            if !chosen[first] || seen[first] {
                continue;
            }
            seen[first] = true;
            let mut group = vec![first];
            let mut next = 0;
            let (mut saved, mut taken) = (0, 0);
            while let Some(&number) = group.get(next) {
                next += 1;
                saved += self.own[number];
                taken += self.outside[number];
                for (part, times) in &self.parts[number] {
                    if !chosen[*part as usize] {
                        taken += times;
                    }
                }
                for (other, _) in self.users[number].iter().chain(&self.parts[number]) {
                    let other = *other as usize;
                    if chosen[other] && !seen[other] {
                        seen[other] = true;
                        group.push(other);
                    }
                }
            }
            if saved <= taken {
                group.iter().for_each(|number| chosen[*number] = false);
            }
        }
    }
}

/// An extension of what a choice takes, which is there on the way already.
pub fn extended_before<'e>(
    func: &Function,
    domtree: &DominatorTree,
    extensions: &'e [Extension],
    way: &Way,
) -> Option<&'e Extension> {
    let is_branch = func.dfg.insts[way.at].opcode().is_branch();
    extensions_of(extensions, way.value).iter().take(MOST_EXTENSIONS).find(|one| {
        match one.block == way.from {
            true => is_branch,
            false => domtree.block_dominates(one.block, way.from),
        }
    })
}

/// Whether extending a value takes no instruction.
fn is_free(func: &Function, value: Value, free: FreeExtensions) -> bool {
    let ValueDef::Result(inst, _) = func.dfg.value_def(value) else { return false };
    match func.dfg.insts[inst].opcode() {
        Opcode::Iconst => true,
        // Those of `value32_zeros_upper32` in Cranelift's `isa/x64/inst.isle`.
        Opcode::Iadd
        | Opcode::Isub
        | Opcode::Imul
        | Opcode::Band
        | Opcode::Bor
        | Opcode::Bxor
        | Opcode::Ishl
        | Opcode::Ushr => free == FreeExtensions::Arithmetic,
        _ => false,
    }
}
