//! Accesses of linear memories, and what those that have been made prove of the indices of others.

use std::collections::HashMap;

use cranelift_codegen::ir::{Block, Function, Inst, InstructionData, Opcode, Value, types};

use super::counters::Loops;
use super::form::{Form, sum};
use super::range::{Range, Sign};
use super::ranges::Ranges;
use crate::optimise::pure::definition;
use crate::translate::HEAP_ACCESS;

/// A load or a store whose address is `base + zero-extended index + offset`.
#[derive(Clone, Copy)]
pub struct Access {
    pub inst: Inst,
    pub block: Block,
    pub base: Value,
    /// Of 32 bits; not an alias.
    pub index: Value,
    pub offset: i32,
    /// The least bytes from the index to the end of the access: those of the offset, and one more.
    pub length: i64,
}

impl Access {
    /// The access that an instruction makes, as `Translator::address` computes its address.
    pub fn of(func: &Function, block: Block, inst: Inst) -> Option<Access> {
        let (address, offset) = match func.dfg.insts[inst] {
            InstructionData::Load { arg, offset, .. } => (arg, offset),
            InstructionData::Store { args, offset, .. } => (args[1], offset),
            _ => return None,
        };
        if func.dfg.insts[inst].memflags_trap_code(&func.dfg) != Some(HEAP_ACCESS) {
            return None;
        }
        let offset = i32::from(offset);
        let InstructionData::Binary { opcode: Opcode::Iadd, args: [base, extended] } =
            func.dfg.insts[definition(func, address)?]
        else {
            return None;
        };
        let InstructionData::Unary { opcode: Opcode::Uextend, arg } =
            func.dfg.insts[definition(func, extended)?]
        else {
            return None;
        };
        if func.dfg.value_type(arg) != types::I32 || func.dfg.value_type(extended) != types::I64 || offset < 0
        {
            return None;
        }
        // Each access is of at least one byte.
        let length = i64::from(offset) + 1;
        let index = func.dfg.resolve_aliases(arg);
        Some(Access { inst, block, base, index, offset, length })
    }

    /// Whether its index is computed from others in such a way that its address may be, too.
    pub fn has_parts(&self, func: &Function) -> bool {
        definition(func, self.index)
            .is_some_and(|inst| matches!(func.dfg.insts[inst].opcode(), Opcode::Iadd | Opcode::Ishl))
    }
}

/// An index that was accessed: zero-extended, it is at most `most`, in all that the access dominates.
struct Fact {
    index: Value,
    constant: u32,
    most: i64,
    block: Block,
}

/// The facts about sums of the same atoms that are looked at.
const MOST_FACTS: usize = 8;

/// What is known where the next access is made.
pub struct Knowledge<'c> {
    pub ranges: Ranges<'c>,
    /// The most bytes of any memory.
    memory: i64,
    /// By the number of the atoms.
    facts: Vec<Vec<Fact>>,
    accesses: &'c [Access],
    /// The forms of indices that each round of a loop accesses, and the greatest length of those accesses; none as long as nobody
    /// has asked.
    each_round: Option<HashMap<(Block, Form), i64>>,
}

impl<'c> Knowledge<'c> {
    /// `accesses`: all, in the order in which they are remembered.
    pub fn new(loops: &'c Loops<'c>, memory: u64, accesses: &'c [Access]) -> Knowledge<'c> {
        Knowledge {
            ranges: Ranges::new(loops),
            memory: memory as i64,
            facts: Vec::new(),
            accesses,
            each_round: None,
        }
    }

    /// The greatest length of the accesses of indices with a form that each round of a loop makes.
    fn length_in_each_round(&mut self, header: Block, form: Form) -> Option<i64> {
        let Knowledge { ranges, accesses, each_round, .. } = self;
        let each_round = each_round.get_or_insert_with(|| {
            let mut lengths = HashMap::new();
            for access in *accesses {
                for header in ranges.loops.rounds_through(access.block) {
                    let form = ranges.forms.of(ranges.loops.func, access.index);
                    let length = lengths.entry((*header, form)).or_insert(access.length);
                    *length = access.length.max(*length);
                }
            }
            lengths
        });
        each_round.get(&(header, form)).copied()
    }

    /// Remembers an access. All accesses are remembered in an order in which definitions come before uses.
    pub fn remember(&mut self, access: &Access) {
        self.learn(access.index, access.length, access.block);
        let Some([left, right]) = sum(self.ranges.loops.func, access.index) else { return };
        for (other, counter) in [(left, right), (right, left)] {
            let Some((header, _)) = self.counts_from_zero(counter) else { continue };
            let is_in_each_round = self.ranges.loops.rounds_through(access.block).contains(&header);
            // In the first round the counter is 0, so the first access was that of the other operand alone; whatever the access
            // dominates comes after it.
            if self.is_invariant(other, header) && is_in_each_round {
                self.learn(other, access.length, access.block);
            }
        }
    }

    fn learn(&mut self, index: Value, length: i64, block: Block) {
        let form = self.ranges.forms.of(self.ranges.loops.func, index);
        // The access was within the memory: `index + length` is at most its size.
        let most = self.memory - length;
        if self.facts.len() <= form.atoms.index() {
            self.facts.resize_with(form.atoms.index() + 1, Vec::new);
        }
        let facts = &mut self.facts[form.atoms.index()];
        if facts.len() < MOST_FACTS {
            facts.push(Fact { index, constant: form.constant, most, block });
        }
    }

    /// Whether a value is the same in all rounds of a loop: all that it is a sum of is, wherever it is added up.
    pub fn is_invariant(&mut self, value: Value, header: Block) -> bool {
        let Ranges { loops, forms, .. } = &mut self.ranges;
        let form = forms.of(loops.func, value);
        forms.atoms(form.atoms).all(|atom| loops.is_invariant(atom, header))
    }

    /// The header and the step of a counter that begins with 0 and is incremented.
    fn counts_from_zero(&mut self, value: Value) -> Option<(Block, i64)> {
        let counter = self.ranges.counter(value)?;
        let is_zero = |start: &Value| self.ranges.of(*start) == Range::only(0);
        (counter.step > 0 && !counter.starts.is_empty() && counter.starts.iter().all(is_zero))
            .then_some((counter.header, counter.step.into()))
    }

    /// The operands of a sum that doesn't wrap, since it is accessed in each round of a loop: what is the same in all rounds, and
    /// the counter.
    ///
    /// Proof, by induction: in the first round the counter is 0. If the sum didn't wrap in a round which isn't the last, it was
    /// accessed, so it is at most `memory - length`; in the next round it is more by the step, and that is less than 2^32.
    /// So the counter doesn't wrap either.
    pub fn accessed_sum(&mut self, value: Value) -> Option<[Value; 2]> {
        let loops = self.ranges.loops;
        let [left, right] = sum(loops.func, value)?;
        for (other, counter) in [(left, right), (right, left)] {
            let Some((header, step)) = self.counts_from_zero(counter) else { continue };
            if !self.is_invariant(other, header) {
                continue;
            }
            let form = self.ranges.forms.of(loops.func, value);
            let Some(length) = self.length_in_each_round(header, form) else { continue };
            if self.memory - length + step <= Sign::Unsigned.all().high {
                return Some([other, counter]);
            }
        }
        None
    }

    /// The range of a value where an access is made in a block: after those that were remembered.
    pub fn range(&mut self, value: Value, sign: Sign, block: Block) -> Range {
        let loops = self.ranges.loops;
        let range = self.ranges.of(value).read(sign);
        if sign == Sign::Signed || range.low == range.high {
            return range;
        }
        let mut high = range.high;
        let mut low = range.low;
        let form = self.ranges.forms.of(loops.func, value);
        for fact in self.facts.get(form.atoms.index()).map_or(&[][..], Vec::as_slice) {
            let more = i64::from(form.constant.wrapping_sub(fact.constant));
            let most = fact.most + more;
            if most <= Sign::Unsigned.all().high && loops.domtree.block_dominates(fact.block, block) {
                // The value is `fact.index + more`, which doesn't wrap.
                high = high.min(most);
                low = low.max(more);
            }
        }
        // Where the code can't be reached, facts may contradict each other.
        if low <= high { Range { low, high } } else { range }
    }

    /// An index that was accessed before, and what is to be added to it, without a wrap, for a value.
    pub fn accessed_before(&mut self, value: Value, block: Block) -> Option<(Value, i64)> {
        let loops = self.ranges.loops;
        let form = self.ranges.forms.of(loops.func, value);
        let facts = self.facts.get(form.atoms.index())?;
        // Those behind its own would be in terms of it.
        facts.iter().take_while(|fact| fact.index != value).find_map(|fact| {
            let more = i64::from(form.constant.wrapping_sub(fact.constant));
            let holds = fact.most + more <= Sign::Unsigned.all().high
                && loops.domtree.block_dominates(fact.block, block);
            holds.then_some((fact.index, more))
        })
    }
}
