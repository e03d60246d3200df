//! Moves what is the same in each round of a loop out of the loop.
//!
//! Cranelift does so while it visits the tree of dominators, but forgets a loop as soon as it has visited a block that leaves it
//! (`elaborate.rs`, `start_block`): in all blocks of the loop behind that one, everything is computed where it is used.

use cranelift_codegen::Context;
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value};
use cranelift_codegen::loop_analysis::{Loop, LoopAnalysis};

use super::pure::{definition, is_constant, is_pure};

/// Moves instructions in front of loops.
pub fn hoist(context: &mut Context) {
    let Context { func, domtree, loop_analysis, .. } = context;
    if loop_analysis.loops().len() == 0 {
        return;
    }
    let mut hoist = Hoist { func, domtree, loops: loop_analysis };
    // Definitions come before uses.
    let blocks: Vec<Block> = domtree.cfg_rpo().copied().collect();
    for block in blocks {
        let Some(innermost) = hoist.loops.innermost_loop(block) else { continue };
        let mut next = hoist.func.layout.first_inst(block);
        while let Some(inst) = next {
            next = hoist.func.layout.next_inst(inst);
            if is_pure(hoist.func, inst) && !stays_with_user(hoist.func, inst) {
                hoist.out_of(innermost, inst);
            }
        }
    }
}

/// Whether the back ends make an instruction a part of one that uses it, or it takes as little to execute as a register is worth:
/// it is moved, as a copy, if something that uses it is.
fn stays_with_user(func: &Function, inst: Inst) -> bool {
    match func.dfg.insts[inst].opcode() {
        Opcode::Iconst | Opcode::F32const | Opcode::F64const => true,
        Opcode::Icmp | Opcode::Fcmp | Opcode::Uextend | Opcode::SymbolValue => true,
        // With a constant. The other operand is in a register anyway, unless it is computed, too: then back ends compute both at once.
        Opcode::Iadd | Opcode::Isub | Opcode::Band | Opcode::Bor | Opcode::Bxor => {
            let defined = |value: &Value| definition(func, *value);
            let mut args = func.dfg.inst_args(inst).iter().map(defined);
            let constants = args.clone().flatten().filter(|inst| is_constant(func, *inst)).count();
            constants != 0
                && args.all(|inst| inst.is_none_or(|inst| is_constant(func, inst) || !is_pure(func, inst)))
        }
        _ => false,
    }
}

/// The most instructions that are copied for one that is moved. What they use can be used by several of them, and is copied for each.
const MOST_COPIES: u32 = 8;

struct Hoist<'c> {
    func: &'c mut Function,
    domtree: &'c DominatorTree,
    loops: &'c LoopAnalysis,
}

impl Hoist<'_> {
    /// Moves an instruction out of as many loops as possible, of which `innermost` is the first.
    fn out_of(&mut self, innermost: Loop, inst: Inst) {
        let mut target = None;
        let mut candidate = Some(innermost);
        while let Some(lp) = candidate {
            let mut copies = MOST_COPIES;
            let mut args = self.func.dfg.inst_args(inst).iter();
            if !args.all(|value| self.is_invariant(lp, *value, &mut copies)) {
                break;
            }
            target = Some(lp);
            candidate = self.loops.loop_parent(lp);
        }
        let Some(lp) = target else { return };
        let Some(place) = self.domtree.idom(self.loops.loop_header(lp)) else { return };
        let before = self.func.layout.last_inst(place).expect("a block ends with a branch");
        self.func.layout.remove_inst(inst);
        self.func.layout.insert_inst(inst, before);
        self.take_along(lp, inst);
    }

    /// Whether a value is defined outside of a loop, or can be, with no more than so many copies of instructions.
    fn is_invariant(&self, lp: Loop, value: Value, copies: &mut u32) -> bool {
        let Some(inst) = definition(self.func, value) else {
            let block = self.func.dfg.value_def(value).unwrap_block();
            return !self.loops.is_in_loop(block, lp);
        };
        let block = self.func.layout.inst_block(inst).expect("what is used is in a block");
        if !self.loops.is_in_loop(block, lp) {
            return true;
        }
        let Some(left) = copies.checked_sub(1) else { return false };
        *copies = left;
        is_pure(self.func, inst)
            && stays_with_user(self.func, inst)
            && self.func.dfg.inst_args(inst).iter().all(|value| self.is_invariant(lp, *value, copies))
    }

    /// Gives a moved instruction copies of those of its operands that are still in the loop.
    fn take_along(&mut self, lp: Loop, inst: Inst) {
        for index in 0..self.func.dfg.inst_args(inst).len() {
            let value = self.func.dfg.inst_args(inst)[index];
            let Some(operand) = definition(self.func, value) else { continue };
            let block = self.func.layout.inst_block(operand).expect("what is used is in a block");
            if self.loops.is_in_loop(block, lp) {
                let copy = self.func.dfg.clone_inst(operand);
                self.func.layout.insert_inst(copy, inst);
                self.take_along(lp, copy);
                self.func.dfg.inst_args_mut(inst)[index] = self.func.dfg.first_result(copy);
            }
        }
    }
}
