//! Lets the next value of a variable of a loop take the register of the one before.
//!
//! A variable is a parameter of the loop's header, and what a branch back hands over is its next value. As long as the old value is
//! used after the new one has been computed, the two need a register each, and the branch back moves one to the other: then it
//! can't be the conditional branch that ends the loop either, but is a jump of its own behind the moves. Here the
//! next value is computed as late as possible, just before what uses it, and where the old value is compared with a constant to
//! decide whether the loop ends, the next one is instead.
//!
//! Nothing else changes: what moves has no effects and doesn't trap, stays in its block, behind its operands and before its
//! users. And `p == c` is `p + k == c + k`, whether the sums wrap or not.

use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor as _, FuncCursor};
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Function, Inst, InstBuilder as _, InstructionData, Opcode, Value};
use cranelift_codegen::loop_analysis::LoopAnalysis;
use cranelift_entity::SecondaryMap;

use super::pure::{self, definition, is_pure};

/// Rearranges the ends of all loops.
pub fn latch(context: &mut Context) {
    let Context { func, domtree, loop_analysis, .. } = context;
    if loop_analysis.loops().len() == 0 {
        return;
    }
    let mut conditions = None;
    let blocks: Vec<Block> = func.layout.blocks().collect();
    for block in blocks {
        let steps = steps(func, domtree, loop_analysis, block);
        if steps.is_empty() {
            continue;
        }
        if let Some(condition) = condition(func, block) {
            let uses = conditions.get_or_insert_with(|| count_conditions(func));
            if uses[func.dfg.first_result(condition)] == 1 {
                decide_late(func, block, condition, &steps);
            }
        }
        for step in steps {
            delay(func, &step);
        }
    }
}

/// How a variable of a loop gets its next value.
struct Step {
    variable: Value,
    /// Computes it from the variable, and from what is there when the block begins.
    inst: Inst,
    /// Extends it to 64 bits, if that is what is handed over.
    extension: Option<Inst>,
}

/// The most steps of a block that are looked at.
const MOST_STEPS: usize = 64;

/// The steps that a block computes for branches back.
fn steps(func: &Function, domtree: &DominatorTree, loops: &LoopAnalysis, block: Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let end = func.layout.last_inst(block).expect("a block ends with a branch");
    for call in func.dfg.insts[end].branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables) {
        let header = call.block(&func.dfg.value_lists);
        if loops.is_loop_header(header).is_none() || !domtree.block_dominates(header, block) {
            continue;
        }
        let variables = func.dfg.block_params(header).iter();
        for (variable, argument) in variables.zip(call.args(&func.dfg.value_lists)) {
            if steps.len() == MOST_STEPS {
                return steps;
            }
            let next = argument.as_value().and_then(|next| definition(func, next));
            let step = next.and_then(|next| step(func, block, *variable, next));
            steps.extend(step.filter(|step| steps.iter().all(|other| other.inst != step.inst)));
        }
    }
    steps
}

/// The step whose last instruction is `next`.
fn step(func: &Function, block: Block, variable: Value, next: Inst) -> Option<Step> {
    let is_here = |inst: Inst| func.layout.inst_block(inst) == Some(block);
    let (inst, extension) = match func.dfg.insts[next].opcode() {
        Opcode::Uextend => (definition(func, func.dfg.inst_args(next)[0])?, Some(next)),
        _ => (next, None),
    };
    let is_arithmetic = matches!(
        func.dfg.insts[inst].opcode(),
        Opcode::Iadd | Opcode::Isub | Opcode::Ishl | Opcode::Ushr | Opcode::Sshr
    );
    if !is_here(inst) || !is_here(next) || !is_arithmetic || !is_pure(func, inst) {
        return None;
    }
    let operands = func.dfg.inst_args(inst);
    let is_of_variable = operands.iter().any(|operand| is_variable(func, *operand, variable));
    let are_there = operands.iter().all(|operand| {
        is_variable(func, *operand, variable)
            || definition(func, *operand)
                .is_none_or(|inst| !is_here(inst) || func.dfg.insts[inst].opcode() == Opcode::Iconst)
    });
    (is_of_variable && are_there).then_some(Step { variable, inst, extension })
}

/// Whether a value is a variable, or its lower half, which is the same register.
fn is_variable(func: &Function, value: Value, variable: Value) -> bool {
    let reduced = || {
        let inst = definition(func, value)?;
        (func.dfg.insts[inst].opcode() == Opcode::Ireduce).then(|| func.dfg.inst_args(inst)[0])
    };
    value == variable || reduced() == Some(variable)
}

/// How often instructions use each value that is the condition of a branch.
fn count_conditions(func: &Function) -> SecondaryMap<Value, u32> {
    let mut uses = SecondaryMap::new();
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            func.dfg.inst_values(inst).for_each(|value| uses[value] += 1);
        }
    }
    uses
}

/// The comparison in a block that decides where it goes on. If that is all it does, the back ends make it a part of the branch.
fn condition(func: &Function, block: Block) -> Option<Inst> {
    let end = func.layout.last_inst(block)?;
    if func.dfg.insts[end].opcode() != Opcode::Brif {
        return None;
    }
    let condition = func.dfg.inst_args(end)[0];
    let inst = definition(func, condition)?;
    let is_here =
        func.dfg.insts[inst].opcode() == Opcode::Icmp && func.layout.inst_block(inst) == Some(block);
    is_here.then_some(inst)
}

/// Compares just before the branch, and the next value of a variable instead of the variable.
fn decide_late(func: &mut Function, block: Block, condition: Inst, steps: &[Step]) {
    let end = func.layout.last_inst(block).expect("a block ends with a branch");
    func.layout.remove_inst(condition);
    func.layout.insert_inst(condition, end);
    let InstructionData::IntCompare {
        cond: cond @ (IntCC::Equal | IntCC::NotEqual),
        args: [left, right],
        ..
    } = func.dfg.insts[condition]
    else {
        return;
    };
    let Some(constant) = pure::constant(func, right) else { return };
    for step in steps {
        let InstructionData::Binary { opcode: Opcode::Iadd, args, .. } = func.dfg.insts[step.inst] else {
            continue;
        };
        // Both are the variable, or both are its lower half.
        let ty = func.dfg.value_type(left);
        let is_same = is_variable(func, left, step.variable) && is_variable(func, args[0], step.variable);
        let Some(addend) = pure::constant(func, args[1]) else { continue };
        if !is_same || func.dfg.value_type(args[0]) != ty {
            continue;
        }
        let sum = constant.wrapping_add(addend) & (u64::MAX >> (64 - ty.bits()));
        let location = func.srcloc(condition);
        let next = func.dfg.first_result(step.inst);
        let mut cursor = FuncCursor::new(func).at_inst(condition).with_srcloc(location);
        let sum = cursor.ins().iconst(ty, sum as i64);
        // A new instruction: the operands of one that is there only ever become equal ones, on which debug information relies.
        let condition_of_next = cursor.ins().icmp(cond, next, sum);
        func.dfg.inst_args_mut(end)[0] = condition_of_next;
        func.layout.remove_inst(condition);
        return;
    }
}

/// The most instructions that a step is moved over.
const MOST_DISTANCE: usize = 512;

/// Moves a step to just before the first instruction that uses it.
fn delay(func: &mut Function, step: &Step) {
    let results = [Some(step.inst), step.extension].map(|inst| inst.map(|inst| func.dfg.first_result(inst)));
    let mut place = step.inst;
    for _ in 0..MOST_DISTANCE {
        let Some(next) = func.layout.next_inst(place) else { return };
        place = next;
        let is_user = func.dfg.inst_values(place).any(|value| results.contains(&Some(value)));
        if is_user && Some(place) != step.extension {
            for inst in [Some(step.inst), step.extension].into_iter().flatten() {
                func.layout.remove_inst(inst);
                func.layout.insert_inst(inst, place);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests;
