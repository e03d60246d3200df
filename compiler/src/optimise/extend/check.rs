//! Recomputes, from a function and from nothing else, that 64-bit values are zero-extended 32-bit ones: that their upper half is zero
//! and their lower half the 32-bit value. None of what decided about them is used: neither the control-flow graph nor the graph
//! of choices.
//!
//! For a parameter of a block, and for a selection, the 32-bit value is the lower half by definition. So it is compared what all
//! branches and selections have taken before with what they take now: the same value, or one whose lower half it is.
//!
//! The upper half of a value is zero if what defines it makes it so, or, for parameters of blocks and selections, if that holds of
//! all that they may be. Such claims may rest on each other: if one of them failed at run time, the one that failed first
//! would be a value that rests on none that had failed.

use std::collections::{HashMap, HashSet};

use cranelift_codegen::ir::entities::AnyEntity;
use cranelift_codegen::ir::{
    Block, BlockArg, Function, Inst, InstructionData, Opcode, Value, ValueDef, types,
};
use cranelift_codegen::verifier::{VerifierError, VerifierErrors};
use cranelift_codegen::{CodegenError, CodegenResult};

/// A 64-bit value in the place of the extension of a 32-bit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub narrow: Value,
    pub wide: Value,
}

/// What branches and selections take: for each of them in the code, the values of each destination in their order.
pub struct Taken(Vec<(Inst, Vec<Option<Value>>)>);

impl Taken {
    /// What those of a function take; none where it isn't a value.
    pub fn of(func: &Function) -> Taken {
        let insts = func.layout.blocks().flat_map(|block| func.layout.block_insts(block));
        let taken = insts.map(|inst| (inst, taken(func, inst)));
        Taken(taken.filter(|(_, taken)| !taken.is_empty()).collect())
    }
}

fn taken(func: &Function, inst: Inst) -> Vec<Option<Value>> {
    let dfg = &func.dfg;
    if dfg.insts[inst].opcode() == Opcode::Select {
        return dfg.inst_args(inst)[1..].iter().map(|value| Some(dfg.resolve_aliases(*value))).collect();
    }
    let calls = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
    let arguments = calls.iter().flat_map(|call| call.args(&dfg.value_lists));
    arguments.map(|argument| Some(dfg.resolve_aliases(argument.as_value()?))).collect()
}

/// Checks claims, and that branches and selections take what they have taken before, or its twin.
///
/// # Errors
/// Names the value of which that doesn't hold.
pub fn check(func: &Function, claims: &[Claim], before: &Taken) -> CodegenResult<()> {
    let mut checker = Checker { func, arguments: HashMap::new(), zero: HashSet::new() };
    if !claims.is_empty() {
        checker.collect_arguments();
    }
    for claim in claims {
        if let Err(value) = checker.claim(*claim) {
            let message = format!("{} isn't known to be the zero-extended {}", claim.wide, claim.narrow);
            return Err(error(value, message));
        }
    }
    for (inst, before) in &before.0 {
        let now = taken(func, *inst);
        let mut pairs = before.iter().zip(&now);
        let is_same = now.len() == before.len() && pairs.all(|pair| checker.is_same_or_twin(pair));
        if !is_same {
            return Err(error(*inst, format!("{inst} doesn't take what it has taken, nor twins of that")));
        }
    }
    Ok(())
}

fn error(location: impl Into<AnyEntity>, message: String) -> CodegenError {
    VerifierErrors(vec![VerifierError { location: location.into(), context: None, message }]).into()
}

struct Checker<'f> {
    func: &'f Function,
    /// What branches hand over to each parameter: the block and the position; none where it isn't a value.
    arguments: HashMap<(Block, usize), Vec<Option<Value>>>,
    /// Values whose upper half is zero, if that of all of these is.
    zero: HashSet<Value>,
}

impl Checker<'_> {
    fn collect_arguments(&mut self) {
        let dfg = &self.func.dfg;
        for block in self.func.layout.blocks() {
            for inst in self.func.layout.block_insts(block) {
                let calls = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
                for call in calls {
                    let target = call.block(&dfg.value_lists);
                    for (position, argument) in call.args(&dfg.value_lists).enumerate() {
                        let value = match argument {
                            BlockArg::Value(value) => Some(value),
                            BlockArg::TryCallRet(_) | BlockArg::TryCallExn(_) => None,
                        };
                        self.arguments.entry((target, position)).or_default().push(value);
                    }
                }
            }
        }
    }

    /// The error is the value that may have other bits.
    fn claim(&mut self, claim: Claim) -> Result<(), Value> {
        let dfg = &self.func.dfg;
        let [narrow, wide] = [claim.narrow, claim.wide].map(|value| dfg.resolve_aliases(value));
        if dfg.value_type(narrow) != types::I32 || dfg.value_type(wide) != types::I64 {
            return Err(wide);
        }
        if !self.is_lower_half(narrow, wide) {
            return Err(wide);
        }
        self.upper_half_is_zero(wide)
    }

    /// Whether a 32-bit value is the lower half of a 64-bit one; neither is an alias.
    fn is_lower_half(&self, narrow: Value, wide: Value) -> bool {
        match (self.definition(narrow), self.definition(wide)) {
            (_, Some((Opcode::Uextend, inst))) => self.operand(inst, 0) == narrow,
            (Some((Opcode::Ireduce, inst)), _) => self.operand(inst, 0) == wide,
            (Some((Opcode::Iconst, one)), Some((Opcode::Iconst, other))) => {
                self.constant(one) as u32 == self.constant(other) as u32
            }
            _ => false,
        }
    }

    /// Whether what is taken now is what was taken before, or has it as its lower half.
    fn is_same_or_twin(&self, (before, now): (&Option<Value>, &Option<Value>)) -> bool {
        let (Some(before), Some(now)) = (*before, *now) else { return before == now };
        let before = self.func.dfg.resolve_aliases(before);
        let types = [before, now].map(|value| self.func.dfg.value_type(value));
        before == now || types == [types::I32, types::I64] && self.is_lower_half(before, now)
    }

    fn definition(&self, value: Value) -> Option<(Opcode, Inst)> {
        match self.func.dfg.value_def(value) {
            ValueDef::Result(inst, 0) => Some((self.func.dfg.insts[inst].opcode(), inst)),
            _ => None,
        }
    }

    fn operand(&self, inst: Inst, index: usize) -> Value {
        self.func.dfg.resolve_aliases(self.func.dfg.inst_args(inst)[index])
    }

    fn constant(&self, inst: Inst) -> u64 {
        match self.func.dfg.insts[inst] {
            InstructionData::UnaryImm { imm, .. } => imm.bits() as u64,
            _ => unreachable!("it is a constant"),
        }
    }

    fn upper_half_is_zero(&mut self, value: Value) -> Result<(), Value> {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            if !self.zero.insert(value) {
                continue;
            }
            if self.func.dfg.value_type(value) != types::I64 {
                return Err(value);
            }
            match self.func.dfg.value_def(value) {
                ValueDef::Param(block, position) => {
                    if self.func.layout.entry_block() == Some(block) {
                        return Err(value);
                    }
                    for argument in self.arguments.get(&(block, position)).into_iter().flatten() {
                        open.push(self.func.dfg.resolve_aliases(argument.ok_or(value)?));
                    }
                }
                ValueDef::Result(inst, 0) => match self.func.dfg.insts[inst].opcode() {
                    Opcode::Uload8 | Opcode::Uload16 | Opcode::Uload32 => {}
                    Opcode::Uextend => {
                        let from = self.func.dfg.value_type(self.operand(inst, 0));
                        if from.bits() > 32 {
                            return Err(value);
                        }
                    }
                    Opcode::Iconst if self.constant(inst) <= u64::from(u32::MAX) => {}
                    Opcode::Select => open.extend([self.operand(inst, 1), self.operand(inst, 2)]),
                    _ => return Err(value),
                },
                _ => return Err(value),
            }
        }
        Ok(())
    }
}
