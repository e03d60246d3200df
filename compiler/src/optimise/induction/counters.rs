//! Counters of loops: parameters of a loop's header to which each round adds the same constant.
//!
//! Here, a loop is a block, its *header*, with branches to it from blocks that it dominates, its *latches*. The other branches to
//! the header *enter* the loop. What is defined in another block that dominates the header is the same in all rounds: on
//! each way from its definition to a latch the loop is entered, since the header dominates the latch.

use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, ValueDef, types};
use cranelift_codegen::loop_analysis::LoopAnalysis;

use super::form::Forms;
use crate::optimise::memo::Memo;

/// A loop.
#[derive(Default)]
pub struct Loop {
    /// The branches to the header, from blocks that it dominates.
    pub latches: Vec<(Block, Inst)>,
    /// Those from other blocks.
    pub entries: Vec<(Block, Inst)>,
    /// Blocks that each round goes through, the header included: they dominate all latches.
    pub always: Vec<Block>,
}

/// A counter: in round k, from 0 on, it is `start + k * step`, modulo 2^32.
pub struct Counter {
    pub header: Block,
    pub step: i32,
    /// One for each entry.
    pub starts: Vec<Value>,
}

/// The most blocks, from a latch up the tree of dominators, among which `Loop::always` is looked for.
const MOST_ALWAYS: usize = 64;
/// The most headers of `Loops::rounds_through` for a block: those of the innermost loops.
const MOST_ROUNDS: usize = 4;
/// The most branches to a block of which parameters are looked at, and the most ways of each of these.
const MOST_WAYS: usize = 32;
/// The most parameters of a block that are looked at.
const MOST_PARAMETERS: usize = 256;

pub struct Loops<'c> {
    pub func: &'c Function,
    pub cfg: &'c ControlFlowGraph,
    pub domtree: &'c DominatorTree,
    /// By their headers.
    loops: Memo<Block, Loop>,
    /// The headers of loops with latches that a block dominates.
    rounds_through: Memo<Block, Vec<Block>>,
}

impl<'c> Loops<'c> {
    pub fn new(
        func: &'c Function,
        cfg: &'c ControlFlowGraph,
        domtree: &'c DominatorTree,
        analysis: &LoopAnalysis,
    ) -> Loops<'c> {
        let mut loops = Memo::new();
        let mut rounds_through: Memo<Block, Vec<Block>> = Memo::new();
        for header in analysis.loops().map(|one| analysis.loop_header(one)) {
            if !has_few_ways(func, cfg, header) {
                continue;
            }
            let mut found = Loop::default();
            for edge in cfg.pred_iter(header) {
                let is_latch =
                    domtree.is_reachable(edge.block) && domtree.block_dominates(header, edge.block);
                let kind = if is_latch { &mut found.latches } else { &mut found.entries };
                kind.push((edge.block, edge.inst));
            }
            let Some((first, _)) = found.latches.first() else { continue };
            let above = std::iter::successors(Some(*first), |block| {
                domtree.idom(*block).filter(|_| *block != header)
            });
            for block in above.take(MOST_ALWAYS) {
                if found.latches.iter().all(|(latch, _)| domtree.block_dominates(block, *latch)) {
                    found.always.push(block);
                    let headers = rounds_through.entry(block);
                    // Headers of outer loops come first.
                    if headers.len() == MOST_ROUNDS {
                        headers.remove(0);
                    }
                    headers.push(header);
                }
            }
            loops.set(header, found);
        }
        Loops { func, cfg, domtree, loops, rounds_through }
    }

    /// The branches to the header of a loop from blocks that it dominates.
    pub fn latches(&self, header: Block) -> &[(Block, Inst)] {
        self.loops.get(header).map_or(&[], |found| &found.latches)
    }

    /// The headers of loops with latches that a block dominates.
    pub fn rounds_through(&self, block: Block) -> &[Block] {
        self.rounds_through.get(block).map_or(&[], Vec::as_slice)
    }

    /// Whether a value is a parameter of a loop's header.
    pub fn is_parameter_of_header(&self, value: Value) -> bool {
        match self.func.dfg.value_def(value) {
            ValueDef::Param(block, _) => self.loops.get(block).is_some(),
            _ => false,
        }
    }

    /// The block that defines a value.
    pub fn block_of(&self, value: Value) -> Option<Block> {
        match self.func.dfg.value_def(value) {
            ValueDef::Result(inst, _) => self.func.layout.inst_block(inst),
            ValueDef::Param(block, _) => Some(block),
            ValueDef::Union(..) => None,
        }
    }

    /// Whether a value is the same in all rounds of a loop.
    pub fn is_invariant(&self, value: Value, header: Block) -> bool {
        let block = self.block_of(value);
        block.is_some_and(|block| block != header && self.domtree.block_dominates(block, header))
    }

    /// What a branch hands over for a parameter of a block, in each of the ways that it may lead there; none if one of them isn't
    /// a value that is known at the branch.
    fn arguments(&self, branch: Inst, block: Block, position: usize) -> Option<Vec<Value>> {
        let dfg = &self.func.dfg;
        let calls = dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let ways = calls.iter().filter(|call| call.block(&dfg.value_lists) == block);
        ways.map(|call| {
            let argument = call.args(&dfg.value_lists).nth(position)?.as_value()?;
            Some(dfg.resolve_aliases(argument))
        })
        .collect()
    }

    /// What a parameter of a block may be; none if that isn't known, or if it is much.
    pub fn choices(&self, block: Block, position: usize) -> Option<Vec<Value>> {
        if position >= MOST_PARAMETERS || !has_few_ways(self.func, self.cfg, block) {
            return None;
        }
        let mut choices = Vec::new();
        for edge in self.cfg.pred_iter(block) {
            choices.extend(self.arguments(edge.inst, block, position)?);
        }
        Some(choices)
    }

    /// The counter that a value is.
    pub fn counter(&self, forms: &mut Forms, value: Value) -> Option<Counter> {
        let ValueDef::Param(header, position) = self.func.dfg.value_def(value) else { return None };
        if self.func.dfg.value_type(value) != types::I32 {
            return None;
        }
        let found = self.loops.get(header).filter(|_| position < MOST_PARAMETERS)?;
        let mut step = None;
        for (_, branch) in &found.latches {
            for next in self.arguments(*branch, header, position)? {
                let form = forms.of(self.func, next);
                let added = form.constant as i32;
                if forms.only(form.atoms) != Some(value)
                    || added == 0
                    || step.is_some_and(|step| step != added)
                {
                    return None;
                }
                step = Some(added);
            }
        }
        let step = step?;
        let mut starts = Vec::new();
        for (_, branch) in &found.entries {
            starts.extend(self.arguments(*branch, header, position)?);
        }
        Some(Counter { header, step, starts })
    }

    /// The conditions that hold whenever a loop goes from one round to the next, each as a value and whether it is true.
    pub fn conditions(&self, header: Block) -> Vec<(Value, bool)> {
        let mut conditions = Vec::new();
        let Some(found) = self.loops.get(header) else { return conditions };
        if let [(latch, branch)] = found.latches[..] {
            conditions.extend(
                self.condition(branch, header).filter(|_| self.func.layout.last_inst(latch) == Some(branch)),
            );
        }
        for block in found.always.iter().filter(|block| **block != header) {
            let mut before = self.cfg.pred_iter(*block);
            if let (Some(only), None) = (before.next(), before.next()) {
                conditions.extend(self.condition(only.inst, *block));
            }
        }
        conditions
    }

    /// What is true of its condition if a branch leads to a block.
    fn condition(&self, branch: Inst, block: Block) -> Option<(Value, bool)> {
        let dfg = &self.func.dfg;
        if dfg.insts[branch].opcode() != Opcode::Brif {
            return None;
        }
        let calls = dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let [yes, no] = [0, 1].map(|way| calls[way].block(&dfg.value_lists) == block);
        (yes != no).then(|| (dfg.resolve_aliases(dfg.inst_args(branch)[0]), yes))
    }
}

/// Whether few branches lead to a block, each in few ways.
fn has_few_ways(func: &Function, cfg: &ControlFlowGraph, block: Block) -> bool {
    let dfg = &func.dfg;
    let ways =
        |branch: Inst| dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables).len();
    cfg.pred_iter(block)
        .take(MOST_WAYS + 1)
        .enumerate()
        .all(|(index, edge)| index < MOST_WAYS && ways(edge.inst) <= MOST_WAYS)
}
