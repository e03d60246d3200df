//! The value that a local has at the start of each block: that which all blocks before it end with, or the parameter of the
//! block that gets what each of them ends with. Where neither is the case, nothing is known, and nothing needs to be: the
//! local isn't read before it is set again, or its value would be a parameter.

use cranelift_codegen::ir::{Block, BlockArg, Function, Value};
use cranelift_entity::SecondaryMap;
use cranelift_entity::packed_option::PackedOption;

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
    /// The runs that are one behind the other in the same block.
    segments: Vec<Segment>,
    edges: SecondaryMap<Block, Vec<Edge>>,
    steps: usize,
    /// The value of the local at the end of each block that sets it, and at the start of each block that reads it first.
    ends: SecondaryMap<Block, PackedOption<Value>>,
    reads: SecondaryMap<Block, PackedOption<Value>>,
}

/// Operators that are one behind the other in the same block.
struct Segment {
    block: Block,
    /// Offset of the first one, of the last one, and where that ends.
    start: u32,
    last: u32,
    end: u32,
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
        let (ends, reads) = (SecondaryMap::new(), SecondaryMap::new());
        Flow { func, runs, segments: segments(runs), edges, steps: 0, ends, reads }
    }

    /// Adds the spans of a local.
    pub fn solve(&mut self, history: &History, subject: Subject, spans: &mut Vec<Span>) {
        if history.sets.is_empty() || self.steps > MOST_STEPS {
            return;
        }
        let dfg = &self.func.dfg;
        self.ends.clear();
        self.reads.clear();
        for (block, _, value) in &history.sets {
            self.ends[*block] = dfg.resolve_aliases(*value).into();
        }
        for (block, value) in &history.reads {
            self.reads[*block] = dfg.resolve_aliases(*value).into();
        }
        let Some(starts) = self.starts() else { return };
        self.steps += self.segments.len() + history.sets.len();
        if self.steps > MOST_STEPS {
            return;
        }
        let mut sets = history.sets.iter().peekable();
        let mut current: Option<(Block, State)> = None;
        let mut push = |start: u32, end: u32, state: State| {
            let State::Value(value) = state else { return };
            match spans.last_mut() {
                _ if start >= end => {}
                Some(last) if last.subject == subject && last.value == value && last.offsets.end == start => {
                    last.offsets.end = end;
                }
                _ => spans.push(Span { subject, offsets: start..end, value }),
            }
        };
        for Segment { block, start, last, end } in &self.segments {
            let mut state = match current {
                Some((last, state)) if last == *block => state,
                _ => starts[*block],
            };
            let mut position = *start;
            // What an operator sets is so from the next one on, in its block.
            while let Some((set, offset, value)) = sets.next_if(|(_, offset, _)| offset < last) {
                let next = self.runs[self.runs.partition_point(|(start, _)| start <= offset)].0.max(*start);
                if *set == *block {
                    push(position, next, state);
                    (position, state) = (next, State::Value(self.func.dfg.resolve_aliases(*value)));
                }
            }
            current = Some((*block, state));
            push(position, *end, state);
        }
    }

    /// What is known at the starts of blocks, given what is known at the ends and starts of some; none if that takes too
    /// long.
    fn starts(&mut self) -> Option<SecondaryMap<Block, State>> {
        let mut starts: SecondaryMap<Block, State> = SecondaryMap::new();
        let mut changes: SecondaryMap<Block, u8> = SecondaryMap::new();
        for (block, value) in self.reads.iter() {
            if let Some(value) = value.expand() {
                starts[block] = State::Value(value);
            }
        }
        let entry = self.func.layout.entry_block()?;
        starts[entry] = State::Unknown;
        loop {
            let mut changed = false;
            for block in self.func.layout.blocks() {
                self.steps += 1 + self.edges[block].len();
                if block == entry || self.reads[block].is_some() {
                    continue;
                }
                let state = if changes[block] > MOST_CHANGES {
                    State::Unknown
                } else {
                    let end = |edge: &Edge| match self.ends[edge.from].expand() {
                        Some(value) => State::Value(value),
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

/// The segments of operators; those that can't be executed are in none.
fn segments(runs: &[(u32, Option<Block>)]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (position, (start, block)) in runs.iter().enumerate() {
        let Some(block) = *block else { continue };
        let end = runs.get(position + 1).map_or(start.saturating_add(1), |(next, _)| *next);
        match segments.last_mut() {
            Some(last) if last.block == block && last.end == *start => (last.last, last.end) = (*start, end),
            _ => segments.push(Segment { block, start: *start, last: *start, end }),
        }
    }
    segments
}
