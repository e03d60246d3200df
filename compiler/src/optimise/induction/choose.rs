//! Which accesses get new addresses: those for which these take less to compute, or no more.

use cranelift_codegen::ir::{Block, Opcode, Value};
use cranelift_codegen::loop_analysis::LoopAnalysis;
use cranelift_entity::EntitySet;
use wasm_aot_abi::layout::Memory;

use super::access::{Access, Knowledge};
use super::expand::{Leaf, MOST_LEAVES, Sum};
use super::range::Sign;
use super::rewrite::{Change, Wide};
use crate::optimise::pure::{definition, is_integer_arithmetic};

pub struct Choice<'c> {
    loops: &'c LoopAnalysis,
    /// Those that get 64 bits.
    counters: EntitySet<Value>,
    wide: Vec<Wide>,
    changes: Vec<Change>,
}

impl<'c> Choice<'c> {
    pub fn new(loops: &'c LoopAnalysis) -> Choice<'c> {
        Choice { loops, counters: EntitySet::new(), wide: Vec::new(), changes: Vec::new() }
    }

    pub fn finish(self) -> (Vec<Wide>, Vec<Change>) {
        (self.wide, self.changes)
    }

    /// Changes an access if it pays.
    pub fn consider(&mut self, knowledge: &mut Knowledge<'_>, access: &Access) {
        // It has 64 bits anyway, then.
        let whole = Leaf { value: access.index, sign: Sign::Unsigned, shift: 0 };
        self.widen(knowledge, &whole, access.block);
        if !access.has_parts(knowledge.ranges.loops.func) {
            return;
        }
        for most in (1..=MOST_LEAVES).rev() {
            let sum = knowledge.expand(access.index, Sign::Unsigned, access.block, most);
            let Some(offset) = offset(access, &sum) else { continue };
            if !self.pays(knowledge, access, &sum) {
                continue;
            }
            let mut leaves = sum.leaves;
            // What is the same in all rounds is added to the base first, once for all of them.
            leaves.sort_by_key(|leaf| {
                leaf.is_none_or(|leaf| !self.is_invariant(knowledge, leaf.value, access.block))
            });
            for leaf in leaves.iter().flatten() {
                self.widen(knowledge, leaf, access.block);
            }
            self.changes.push(Change { access: *access, leaves, offset });
            return;
        }
    }

    fn pays(&self, knowledge: &mut Knowledge<'_>, access: &Access, sum: &Sum) -> bool {
        let is_cheap = |knowledge: &mut Knowledge<'_>, leaf: &Leaf| {
            self.is_invariant(knowledge, leaf.value, access.block) || is_extended_for_nothing(knowledge, leaf)
        };
        match sum.leaves {
            [Some(leaf), None] if leaf.value == access.index => false,
            [Some(Leaf { sign: Sign::Unsigned, shift: 0, .. }), None] => true,
            [Some(leaf), None] => is_cheap(knowledge, &leaf),
            [Some(left), Some(right)] => {
                let invariant =
                    [left, right].map(|leaf| self.is_invariant(knowledge, leaf.value, access.block));
                invariant != [false; 2] && is_cheap(knowledge, &left) && is_cheap(knowledge, &right)
            }
            _ => false,
        }
    }

    /// Whether a value is computed outside of the innermost loop around a block, or can be.
    fn is_invariant(&self, knowledge: &mut Knowledge<'_>, value: Value, block: Block) -> bool {
        let Some(innermost) = self.loops.innermost_loop(block) else { return false };
        knowledge.is_invariant(value, self.loops.loop_header(innermost))
    }

    /// Gives a leaf 64 bits in all rounds of its loop, if it is a counter.
    fn widen(&mut self, knowledge: &mut Knowledge<'_>, leaf: &Leaf, block: Block) {
        if !knowledge.ranges.loops.is_parameter_of_header(leaf.value)
            || self.counters.contains(leaf.value)
            || self.is_invariant(knowledge, leaf.value, block)
        {
            return;
        }
        let Some((step, latches)) = counter(knowledge, leaf) else { return };
        self.counters.insert(leaf.value);
        self.wide.push(Wide { value: leaf.value, sign: leaf.sign, step, latches });
    }
}

/// The offset of an access whose index is a sum; none if it would be more than a guard region covers.
fn offset(access: &Access, sum: &Sum) -> Option<i32> {
    let offset = sum.constant + i64::from(access.offset);
    (0..=Memory::GUARDED_OFFSET as i64).contains(&offset).then_some(offset as i32)
}

/// What each round adds to a leaf, and the branches to the next round, if it is a counter that can have 64 bits: one that is read
/// with a sign only if it is known not to wrap.
fn counter(knowledge: &mut Knowledge<'_>, leaf: &Leaf) -> Option<(i32, Vec<cranelift_codegen::ir::Inst>)> {
    let loops = knowledge.ranges.loops;
    let counter = knowledge.ranges.counter(leaf.value)?;
    // A range that isn't everything is that of the counter's integers in all rounds: see `Ranges::of_counter`.
    if leaf.sign == Sign::Signed && knowledge.ranges.of(leaf.value).read(Sign::Signed) == Sign::Signed.all() {
        return None;
    }
    let latches = loops.latches(counter.header).iter().map(|(_, branch)| *branch).collect();
    Some((counter.step, latches))
}

/// Whether 64 bits of a leaf take no instruction of their own: a counter has them, and 32-bit arithmetic clears the upper half of
/// registers, but not every processor's loads, calls and moves between blocks do, as Cranelift sees it.
fn is_extended_for_nothing(knowledge: &mut Knowledge<'_>, leaf: &Leaf) -> bool {
    if counter(knowledge, leaf).is_some() {
        return true;
    }
    let func = knowledge.ranges.loops.func;
    leaf.sign == Sign::Unsigned
        && definition(func, leaf.value).is_some_and(|inst| {
            let opcode = func.dfg.insts[inst].opcode();
            is_integer_arithmetic(opcode)
                || matches!(opcode, Opcode::Uload8 | Opcode::Uload16 | Opcode::Uextend)
        })
}
