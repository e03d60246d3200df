//! Which integers 32-bit values can be, wherever they are used: from the operations that make them, and for counters from the number
//! of rounds that their loops can take.

use std::rc::Rc;

use cranelift_codegen::ir::condcodes::{CondCode as _, IntCC};
use cranelift_codegen::ir::{Block, InstructionData, Opcode, Value, ValueDef, types};

use super::counters::{Counter, Loops};
use super::form::{Form, Forms, constant};
use super::range::{Range, Sign};
use crate::optimise::memo::Memo;
use crate::optimise::pure::definition;

/// How deep operands of operands are looked at.
const MOST_DEPTH: u32 = 24;

pub struct Ranges<'c> {
    pub loops: &'c Loops<'c>,
    pub forms: Forms,
    known: Memo<Value, Range>,
    /// Of parameters of loops' headers.
    counters: Memo<Value, Option<Rc<Counter>>>,
    /// The most rounds of a loop after the first one.
    rounds: Memo<Block, Option<i64>>,
    depth: u32,
}

impl<'c> Ranges<'c> {
    pub fn new(loops: &'c Loops<'c>) -> Ranges<'c> {
        Ranges {
            loops,
            forms: Forms::new(),
            known: Memo::new(),
            counters: Memo::new(),
            rounds: Memo::new(),
            depth: 0,
        }
    }

    /// The counter that a value is.
    pub fn counter(&mut self, value: Value) -> Option<Rc<Counter>> {
        if !self.loops.is_parameter_of_header(value) {
            return None;
        }
        if let Some(counter) = self.counters.get(value) {
            return counter.clone();
        }
        let counter = self.loops.counter(&mut self.forms, value).map(Rc::new);
        self.counters.set(value, counter.clone());
        counter
    }

    /// The range of a value of at most 32 bits, which are the low ones of its integers. Where it isn't known, or while it is
    /// being found out, it is everything.
    pub fn of(&mut self, value: Value) -> Range {
        let value = self.loops.func.dfg.resolve_aliases(value);
        let all = match self.loops.func.dfg.value_type(value) {
            types::I8 => Range::up_to(0xff),
            types::I16 => Range::up_to(0xffff),
            _ => Sign::Unsigned.all(),
        };
        if let Some(range) = self.known.get(value) {
            return *range;
        }
        if self.depth == MOST_DEPTH {
            return all;
        }
        self.known.set(value, all);
        self.depth += 1;
        let range = self.find(value).and_then(Range::valid).unwrap_or(all);
        self.depth -= 1;
        self.known.set(value, range);
        range
    }

    fn find(&mut self, value: Value) -> Option<Range> {
        let func = self.loops.func;
        let Some(inst) = definition(func, value) else { return self.parameter(value) };
        if func.dfg.value_type(value) == types::I8 {
            return matches!(func.dfg.insts[inst].opcode(), Opcode::Icmp | Opcode::Fcmp)
                .then_some(Range::up_to(1));
        }
        if func.dfg.value_type(value) != types::I32 {
            return None;
        }
        if let Some(constant) = constant(func, value) {
            return Some(Range::only(constant));
        }
        let args = func.dfg.inst_args(inst);
        match func.dfg.insts[inst].opcode() {
            Opcode::Uload8 => Some(Range::up_to(0xff)),
            Opcode::Uload16 => Some(Range::up_to(0xffff)),
            Opcode::Sload8 => Some(Range { low: -0x80, high: 0x7f }),
            Opcode::Sload16 => Some(Range { low: -0x8000, high: 0x7fff }),
            Opcode::Uextend => Some(self.of(args[0]).read(Sign::Unsigned)),
            Opcode::Select => Some(self.of(args[1]).join(self.of(args[2]))),
            Opcode::Iadd => {
                let [left, right] = [0, 1].map(|index| self.of(args[index]));
                let sums = Sign::BOTH.map(|sign| left.read(sign).add(right.read(sign)));
                [left.add(right)].into_iter().chain(sums).find_map(Range::valid)
            }
            // The bits of a conjunction are among those of either operand.
            Opcode::Band => {
                let [left, right] = [0, 1].map(|index| self.of(args[index]).read(Sign::Unsigned));
                Some(Range::up_to(left.high.min(right.high)))
            }
            Opcode::Imul | Opcode::Ishl | Opcode::Ushr | Opcode::Urem | Opcode::Udiv => {
                let left = self.of(args[0]).read(Sign::Unsigned);
                let right = self.of(args[1]).read(Sign::Unsigned).single()?;
                match func.dfg.insts[inst].opcode() {
                    Opcode::Imul => {
                        let high = left.high.checked_mul(right)?;
                        Some(Range { low: left.low * right, high })
                    }
                    // Shifts take the amount modulo 32.
                    Opcode::Ishl => {
                        Some(Range { low: left.low << (right % 32), high: left.high << (right % 32) })
                    }
                    Opcode::Ushr => {
                        Some(Range { low: left.low >> (right % 32), high: left.high >> (right % 32) })
                    }
                    Opcode::Urem if right != 0 => Some(Range::up_to(left.high.min(right - 1))),
                    Opcode::Udiv if right != 0 => {
                        Some(Range { low: left.low / right, high: left.high / right })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn parameter(&mut self, value: Value) -> Option<Range> {
        if let Some(counter) = self.counter(value) {
            return self.of_counter(&counter);
        }
        let ValueDef::Param(block, position) = self.loops.func.dfg.value_def(value) else { return None };
        if self.loops.func.layout.entry_block() == Some(block)
            || self.loops.func.dfg.value_type(value) != types::I32
        {
            return None;
        }
        let all = self.loops.choices(block, position)?;
        self.join(&all)
    }

    fn join(&mut self, values: &[Value]) -> Option<Range> {
        let mut joined: Option<Range> = None;
        for value in values {
            let range = self.of(*value);
            joined = Some(joined.map_or(range, |before| before.join(range)).valid()?);
        }
        joined
    }

    /// The range of a counter, in all rounds. Its integers in the rounds are `start + k * step` without a wrap: all of
    /// them lie in what 32 bits can be read as.
    fn of_counter(&mut self, counter: &Counter) -> Option<Range> {
        let start = self.join(&counter.starts)?;
        let rounds = self.rounds(counter.header)?;
        let most = rounds.checked_mul(i64::from(counter.step))?;
        let low = start.low.checked_add(most.min(0))?;
        let high = start.high.checked_add(most.max(0))?;
        Range { low, high }.valid()
    }

    /// The most rounds that a loop takes after the first one, if a condition limits them.
    fn rounds(&mut self, header: Block) -> Option<i64> {
        if let Some(rounds) = self.rounds.get(header) {
            return *rounds;
        }
        // None while it is being found out.
        self.rounds.set(header, None);
        let conditions = self.loops.conditions(header);
        let rounds = conditions
            .into_iter()
            .filter_map(|(condition, holds)| self.limit(header, condition, holds))
            .min();
        self.rounds.set(header, rounds);
        rounds
    }

    /// The most rounds after the first one, given that a condition holds, or doesn't, at the end of each but the last.
    fn limit(&mut self, header: Block, condition: Value, holds: bool) -> Option<i64> {
        let func = self.loops.func;
        let inst = definition(func, condition);
        let mut code = IntCC::NotEqual;
        let mut tested = condition;
        let mut bound = Range::only(0);
        match inst.map(|inst| func.dfg.insts[inst]) {
            Some(InstructionData::Unary { opcode: Opcode::Uextend, arg }) => {
                return self.limit(header, func.dfg.resolve_aliases(arg), holds);
            }
            Some(InstructionData::IntCompare { opcode: Opcode::Icmp, args, cond }) => {
                if func.dfg.value_type(args[0]) != types::I32 {
                    return None;
                }
                let [left, right] = args.map(|arg| func.dfg.resolve_aliases(arg));
                let (value, other, cond) = match self.tested(header, left) {
                    Some(_) => (left, right, cond),
                    None => (right, left, cond.swap_args()),
                };
                if !self.loops.is_invariant(other, header) && constant(func, other).is_none() {
                    return None;
                }
                (code, tested, bound) = (cond, value, self.of(other));
            }
            _ => {}
        }
        let code = if holds { code } else { code.complement() };
        let (counter, added) = self.tested(header, tested)?;
        let start = self.join(&counter.starts)?;
        rounds_while(code, start, added, i64::from(counter.step), bound)
    }

    /// The counter of a loop, and what is added to it, that a value is.
    fn tested(&mut self, header: Block, value: Value) -> Option<(Rc<Counter>, i64)> {
        let func = self.loops.func;
        if func.dfg.value_type(value) != types::I32 {
            return None;
        }
        let Form { atoms, constant } = self.forms.of(func, value);
        let counter = self.counter(self.forms.only(atoms)?)?;
        (counter.header == header).then_some((counter, i64::from(constant as i32)))
    }
}

/// The most rounds after the first one of a loop which goes on as long as `start + k * step + added` compares so with `bound` in
/// round k, in 32 bits.
fn rounds_while(code: IntCC, start: Range, added: i64, step: i64, bound: Range) -> Option<i64> {
    use IntCC::*;
    let signed =
        matches!(code, SignedLessThan | SignedLessThanOrEqual | SignedGreaterThan | SignedGreaterThanOrEqual);
    let sign = if signed { Sign::Signed } else { Sign::Unsigned };
    let bound = bound.read(sign);
    if code == NotEqual
        && let (Some(start), Some(bound)) = (start.single(), bound.single())
    {
        // The first k with `start + added + k * step = bound` modulo 2^32, unless they never meet before they wrap.
        let distance = if step > 0 { bound - start - added } else { start + added - bound };
        let distance = distance.rem_euclid(1 << 32);
        return (distance % step.abs() == 0).then_some(distance / step.abs());
    }
    // What is compared in the first round. It doesn't wrap.
    let first =
        [start.read(Sign::Unsigned), start.read(Sign::Signed)].map(|start| start.add(Range::only(added)));
    let first = first.into_iter().find(|first| first.is(sign))?;
    let all = sign.all();
    let rounds = match code {
        // They meet, since each integer up to the bound is tested.
        NotEqual if step == 1 && bound.low >= first.high => bound.high - first.low,
        NotEqual if step == -1 && bound.high <= first.low => first.high - bound.low,
        // The last that is less than the bound, and one step more, which doesn't wrap.
        UnsignedLessThan | SignedLessThan | UnsignedLessThanOrEqual | SignedLessThanOrEqual if step > 0 => {
            let inclusive = matches!(code, UnsignedLessThanOrEqual | SignedLessThanOrEqual);
            let last = bound.high - i64::from(!inclusive);
            if last + step > all.high {
                return None;
            }
            ((last - first.low).max(-step) + step) / step
        }
        UnsignedGreaterThan | SignedGreaterThan | UnsignedGreaterThanOrEqual | SignedGreaterThanOrEqual
            if step < 0 =>
        {
            let inclusive = matches!(code, UnsignedGreaterThanOrEqual | SignedGreaterThanOrEqual);
            let last = bound.low + i64::from(!inclusive);
            if last + step < all.low {
                return None;
            }
            ((first.high - last).max(step) - step) / -step
        }
        _ => return None,
    };
    Some(rounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rounds that a loop takes after the first one, by running it.
    fn run(code: IntCC, start: i64, added: i64, step: i64, bound: i64) -> Option<i64> {
        let mut counter = start as u32;
        for rounds in 0..100_000 {
            let (left, right) = (counter.wrapping_add(added as u32), bound as u32);
            let (signed_left, signed_right) = (left as i32, right as i32);
            let holds = match code {
                IntCC::NotEqual => left != right,
                IntCC::Equal => left == right,
                IntCC::UnsignedLessThan => left < right,
                IntCC::UnsignedLessThanOrEqual => left <= right,
                IntCC::UnsignedGreaterThan => left > right,
                IntCC::UnsignedGreaterThanOrEqual => left >= right,
                IntCC::SignedLessThan => signed_left < signed_right,
                IntCC::SignedLessThanOrEqual => signed_left <= signed_right,
                IntCC::SignedGreaterThan => signed_left > signed_right,
                IntCC::SignedGreaterThanOrEqual => signed_left >= signed_right,
            };
            if !holds {
                return Some(rounds);
            }
            counter = counter.wrapping_add(step as u32);
        }
        None
    }

    #[test]
    fn rounds_are_never_too_few() {
        let codes = [
            IntCC::Equal,
            IntCC::NotEqual,
            IntCC::UnsignedLessThan,
            IntCC::UnsignedLessThanOrEqual,
            IntCC::UnsignedGreaterThan,
            IntCC::UnsignedGreaterThanOrEqual,
            IntCC::SignedLessThan,
            IntCC::SignedLessThanOrEqual,
            IntCC::SignedGreaterThan,
            IntCC::SignedGreaterThanOrEqual,
        ];
        let edges = [-40, -7, -1, 0, 1, 5, 40, 0x7fff_fff0, 0x8000_0010, 0xffff_fff0];
        let mut limited = 0;
        for code in codes {
            for start in edges {
                for bound in edges {
                    for added in [-8, 0, 3] {
                        for step in [-8, -3, -1, 1, 2, 8] {
                            let (one, other) = (Range::only(start), Range::only(bound));
                            let Some(most) = rounds_while(code, one, added, step, other) else { continue };
                            limited += 1;
                            if most < 100_000 {
                                let exact = run(code, start, added, step, bound);
                                assert_eq!(exact, Some(most), "{code} {start} {added} {step} {bound}");
                            }
                        }
                    }
                }
            }
        }
        assert!(limited > 3000, "{limited}");
    }

    #[test]
    fn ranges_of_starts_and_bounds() {
        let (start, bound) = (Range { low: 2, high: 9 }, Range { low: 20, high: 50 });
        for code in [IntCC::NotEqual, IntCC::UnsignedLessThan, IntCC::SignedLessThan] {
            assert_eq!(rounds_while(code, start, 1, 1, bound), Some(47), "{code}");
        }
        assert_eq!(rounds_while(IntCC::SignedLessThanOrEqual, start, 0, 4, bound), Some(13));
        assert_eq!(rounds_while(IntCC::NotEqual, bound, -1, -1, start), Some(47));
        // It may be stepped over, or may lie behind.
        assert_eq!(rounds_while(IntCC::NotEqual, start, 0, 2, bound), None);
        assert_eq!(rounds_while(IntCC::NotEqual, bound, 0, 1, start), None);
        assert_eq!(
            rounds_while(IntCC::UnsignedLessThan, start, 0, 1, Sign::Unsigned.all()),
            Some(0xffff_fffd)
        );
        assert_eq!(rounds_while(IntCC::UnsignedLessThan, start, 0, 2, Sign::Unsigned.all()), None);
    }
}
