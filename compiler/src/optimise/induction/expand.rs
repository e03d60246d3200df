//! An index as a sum that is computed in 64 bits, without a wrap.

use cranelift_codegen::ir::{Block, InstructionData, Opcode, Value};

use super::access::Knowledge;
use super::form::{constant, sum};
use super::range::{Range, Sign};
use crate::optimise::pure::definition;

/// A value of 32 bits, extended to 64 as its sign says, and then shifted to the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub value: Value,
    pub sign: Sign,
    pub shift: u8,
}

/// The most leaves of an address: what x86-64 computes in an access, besides a constant.
pub const MOST_LEAVES: usize = 2;

/// The sum of the leaves and the constant is the integer of the 32-bit value for which it stands: nothing wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// None behind the last.
    pub leaves: [Option<Leaf>; MOST_LEAVES],
    pub constant: i64,
}

impl Sum {
    fn constant(constant: i64) -> Sum {
        Sum { leaves: [None; MOST_LEAVES], constant }
    }

    fn leaf(leaf: Leaf) -> Sum {
        Sum { leaves: [Some(leaf), None], constant: 0 }
    }

    /// None, if it would have more than `most` leaves.
    fn add(self, other: Sum, most: usize) -> Option<Sum> {
        let all = || self.leaves.into_iter().chain(other.leaves).flatten();
        if all().count() > most.min(MOST_LEAVES) {
            return None;
        }
        let leaves = [all().next(), all().nth(1)];
        Some(Sum { leaves, constant: self.constant + other.constant })
    }
}

/// How deep sums in sums are looked at.
const MOST_DEPTH: u32 = 6;
/// The largest shift that is part of an address of every instruction set that has any.
const MOST_SHIFT: i64 = 3;

impl Knowledge<'_> {
    /// The integer of a value read with a sign, where an access is made in a block, as a sum of at most so many leaves.
    pub fn expand(&mut self, value: Value, sign: Sign, block: Block, most: usize) -> Sum {
        self.expand_to(value, sign, block, most, MOST_DEPTH)
    }

    fn expand_to(&mut self, value: Value, sign: Sign, block: Block, most: usize, depth: u32) -> Sum {
        let func = self.ranges.loops.func;
        let value = func.dfg.resolve_aliases(value);
        if let Some(constant) = constant(func, value) {
            let constant = Range::only(constant).read(sign).low;
            return Sum::constant(constant);
        }
        let leaf = Sum::leaf(Leaf { value, sign: self.least_sign(value, sign, block), shift: 0 });
        let Some(depth) = depth.checked_sub(1) else { return leaf };
        if let Some(operands) = sum(func, value) {
            let signs = self.signs(operands, sign, block);
            let split = signs.map(|signs| (operands, signs)).or_else(|| {
                let operands = self.accessed_sum(value).filter(|_| sign == Sign::Unsigned)?;
                Some((operands, [Sign::Unsigned; 2]))
            });
            if let Some((operands, signs)) = split {
                let [left, right] =
                    [0, 1].map(|index| self.expand_to(operands[index], signs[index], block, most, depth));
                if let Some(sum) = left.add(right, most) {
                    return sum;
                }
            }
            if sign == Sign::Unsigned
                && let Some((index, more)) = self.accessed_before(value, block)
            {
                let Sum { leaves, constant } = self.expand_to(index, sign, block, most, depth);
                return Sum { leaves, constant: constant + more };
            }
        } else if let Some((shifted, shift)) = self.shift(value) {
            let shifted_sign = Sign::BOTH.into_iter().find(|shifted_sign| {
                let range = self.range(shifted, *shifted_sign, block);
                Range { low: range.low << shift, high: range.high << shift }.is(sign)
            });
            if let Some(sign) = shifted_sign {
                let sign = self.least_sign(shifted, sign, block);
                return Sum::leaf(Leaf { value: shifted, sign, shift: shift as u8 });
            }
        }
        leaf
    }

    /// How to read two operands so that their sum, as integers, is that of their 32-bit sum read with a sign.
    fn signs(&mut self, operands: [Value; 2], sign: Sign, block: Block) -> Option<[Sign; 2]> {
        let all = Sign::BOTH.into_iter().flat_map(|left| Sign::BOTH.map(|right| [left, right]));
        all.into_iter().find(|signs| {
            let [left, right] = [0, 1].map(|index| self.range(operands[index], signs[index], block));
            left.add(right).is(sign)
        })
    }

    /// `Unsigned` if the integer is the same.
    fn least_sign(&mut self, value: Value, sign: Sign, block: Block) -> Sign {
        if self.range(value, sign, block).low >= 0 { Sign::Unsigned } else { sign }
    }

    /// The value that is shifted to the left by a constant, and the constant.
    fn shift(&self, value: Value) -> Option<(Value, i64)> {
        let func = self.ranges.loops.func;
        match func.dfg.insts[definition(func, value)?] {
            InstructionData::Binary { opcode: Opcode::Ishl, args: [shifted, amount] } => {
                let amount = constant(func, func.dfg.resolve_aliases(amount))?;
                let is_same_type = func.dfg.value_type(shifted) == func.dfg.value_type(value);
                (is_same_type && (1..=MOST_SHIFT).contains(&amount))
                    .then(|| (func.dfg.resolve_aliases(shifted), amount))
            }
            _ => None,
        }
    }
}
