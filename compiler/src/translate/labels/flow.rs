//! The value that a local has at the start of each block: that which all blocks before it end with, or the parameter of the
//! block that gets what each of them ends with. Where neither is the case, nothing is known, and nothing needs to be: the
//! local isn't read before it is set again, or its value would be a parameter.

use std::collections::HashMap;

use cranelift_codegen::ir::{Block, BlockArg, Function, Value};
use cranelift_entity::SecondaryMap;

use super::span::{History, Span, Subject};

/// The most steps for all locals of a function together. No function that a compiler writes comes near.
const MOST_STEPS: usize = 1 << 26;

/// The most times that what is known of a block's start changes.
const MOST_CHANGES: u8 = 4;

/// A way into a block.
#[derive(Clone)]
struct Edge {
    from: Block,
    /// What the parameters of the block get, if it is a value.
    arguments: Vec<Option<Value>>,
}

pub struct Flow<'f> {
    func: &'f Function,
    runs: &'f [(u32, Option<Block>)],
    edges: SecondaryMap<Block, Vec<Edge>>,
    steps: usize,
}

/// What is known of a local.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No way into the block has been seen yet.
    #[default]
    Unseen,
    Value(Value),
    Unknown,
}

impl<'f> Flow<'f> {
    /// `runs`: from which offset on the operators are in which block.
    pub fn new(func: &'f Function, runs: &'f [(u32, Option<Block>)]) -> Flow<'f> {
        let mut edges: SecondaryMap<Block, Vec<Edge>> = SecondaryMap::new();
        let dfg = &func.dfg;
        for from in func.layout.blocks() {
            let Some(last) = func.layout.last_inst(from) else { continue };
            for call in dfg.insts[last].branch_destination(&dfg.jump_tables, &dfg.exception_tables) {
                let value = |argument| match argument {
                    BlockArg::Value(value) => Some(dfg.resolve_aliases(value)),
                    _ => None,
                };
                let arguments = call.args(&dfg.value_lists).map(value).collect();
                edges[call.block(&dfg.value_lists)].push(Edge { from, arguments });
            }
        }
        Flow { func, runs, edges, steps: 0 }
    }

    /// Adds the spans of a local.
    pub fn solve(&mut self, history: &History, subject: Subject, spans: &mut Vec<Span>) {
        if history.sets.is_empty() || self.steps > MOST_STEPS {
            return;
        }
        let known = |block: &Block, value: &Value| (*block, self.func.dfg.resolve_aliases(*value));
        let ends: HashMap<Block, Value> =
            history.sets.iter().map(|(block, _, value)| known(block, value)).collect();
        let reads: HashMap<Block, Value> =
            history.reads.iter().map(|(block, value)| known(block, value)).collect();
        let Some(starts) = self.starts(&ends, &reads) else { return };
        self.steps += self.runs.len() + history.sets.len();
        if self.steps > MOST_STEPS {
            return;
        }
        let mut sets = history.sets.iter().peekable();
        let mut current: Option<(Block, State)> = None;
        let mut push = |start: u32, end: u32, state: State| {
            let State::Value(value) = state else { return };
            match spans.last_mut() {
                Some(last) if last.subject == subject && last.value == value && last.offsets.end == start => {
                    last.offsets.end = end;
                }
                _ => spans.push(Span { subject, offsets: start..end, value }),
            }
        };
        for (position, (start, block)) in self.runs.iter().enumerate() {
            let Some(block) = *block else { continue };
            let mut state = match current {
                Some((last, state)) if last == block => state,
                _ => starts[block],
            };
            // What was set before this operator, in its block.
            while let Some((set, _, value)) = sets.next_if(|(_, offset, _)| offset < start) {
                if *set == block {
                    state = State::Value(self.func.dfg.resolve_aliases(*value));
                }
            }
            current = Some((block, state));
            let end = self.runs.get(position + 1).map_or(start.saturating_add(1), |(next, _)| *next);
            push(*start, end, state);
        }
    }

    /// What is known at the starts of blocks, given what is known at the ends and starts of some; none if that takes too
    /// long.
    fn starts(
        &mut self,
        ends: &HashMap<Block, Value>,
        reads: &HashMap<Block, Value>,
    ) -> Option<SecondaryMap<Block, State>> {
        let mut starts: SecondaryMap<Block, State> = SecondaryMap::new();
        let mut changes: SecondaryMap<Block, u8> = SecondaryMap::new();
        for (block, value) in reads {
            starts[*block] = State::Value(*value);
        }
        let entry = self.func.layout.entry_block()?;
        starts[entry] = State::Unknown;
        loop {
            let mut changed = false;
            for block in self.func.layout.blocks() {
                self.steps += 1 + self.edges[block].len();
                if block == entry || reads.contains_key(&block) {
                    continue;
                }
                let state = if changes[block] > MOST_CHANGES {
                    State::Unknown
                } else {
                    let end = |edge: &Edge| match ends.get(&edge.from) {
                        Some(value) => State::Value(*value),
                        None => starts[edge.from],
                    };
                    self.meet(block, end)
                };
                if state != starts[block] {
                    starts[block] = state;
                    changes[block] += 1;
                    changed = true;
                }
            }
            if self.steps > MOST_STEPS {
                return None;
            }
            if !changed {
                return Some(starts);
            }
        }
    }

    /// What is known at the start of a block, given what is known at the end of those before it.
    fn meet(&self, block: Block, end: impl Fn(&Edge) -> State) -> State {
        let mut common = State::Unseen;
        let mut differ = false;
        for edge in &self.edges[block] {
            match (common, end(edge)) {
                (_, State::Unknown) => return State::Unknown,
                (_, State::Unseen) => {}
                (State::Value(one), State::Value(other)) => differ |= one != other,
                (_, state) => common = state,
            }
        }
        if !differ {
            return common;
        }
        let is_passed = |position: usize| {
            self.edges[block].iter().all(|edge| match end(edge) {
                State::Unseen => true,
                state => edge.arguments.get(position).copied().flatten().map(State::Value) == Some(state),
            })
        };
        let parameters = self.func.dfg.block_params(block);
        let found = parameters.iter().enumerate().find(|(position, _)| is_passed(*position));
        found.map_or(State::Unknown, |(_, parameter)| State::Value(*parameter))
    }
}
