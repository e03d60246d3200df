//! Orders the instructions of each block so that fewer registers are in use.
//!
//! Cranelift computes what has no side effects right before an instruction with effects that uses it. So all values of a long sum
//! are loaded before the first two are added, for which no machine has enough registers. Here, an instruction that is the only
//! user of one of its operands is executed as soon as its operands are there: its result takes the register of the operand.

use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value};
use cranelift_entity::SecondaryMap;

use super::pure::{definition, is_integer_arithmetic, is_pure};

/// How often values are used.
type Uses = SecondaryMap<Value, u32>;

/// Orders all blocks.
pub fn order(func: &mut Function) {
    let uses = count(func);
    let blocks: Vec<Block> = func.layout.blocks().collect();
    let mut order = Order { func, uses, waiting: SecondaryMap::new(), missing: SecondaryMap::new() };
    for block in blocks {
        order.block(block);
    }
}

fn count(func: &Function) -> Uses {
    let mut uses = Uses::new();
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            for value in func.dfg.inst_values(inst) {
                uses[value] += 1;
            }
        }
    }
    uses
}

struct Order<'c> {
    func: &'c mut Function,
    uses: Uses,
    /// The instructions to be executed as soon as a value of this block is there, and no operand is missing.
    waiting: SecondaryMap<Value, Vec<Inst>>,
    /// How many operands of these instructions are still to be computed in this block.
    missing: SecondaryMap<Inst, u32>,
}

impl Order<'_> {
    fn block(&mut self, block: Block) {
        let mut ready = Vec::new();
        for inst in self.func.layout.block_insts(block).collect::<Vec<_>>() {
            if !self.saves_register(block, inst) {
                continue;
            }
            let mut missing = 0;
            for value in self.func.dfg.inst_args(inst) {
                let defined = definition(self.func, *value);
                if defined.is_some_and(|inst| self.func.layout.inst_block(inst) == Some(block)) {
                    self.waiting[*value].push(inst);
                    missing += 1;
                }
            }
            self.missing[inst] = missing;
            if missing == 0 {
                ready.push(inst);
            }
        }
        let first = self.func.layout.first_inst(block).expect("a block has a branch");
        for inst in ready {
            if inst != first {
                self.func.layout.remove_inst(inst);
                self.func.layout.insert_inst(inst, first);
            }
        }
        let mut next = self.func.layout.first_inst(block);
        while let Some(inst) = next {
            self.place_users(inst);
            next = self.func.layout.next_inst(inst);
        }
    }

    /// Moves what has waited for the results of this instruction alone behind it.
    fn place_users(&mut self, inst: Inst) {
        let mut users = Vec::new();
        for value in self.func.dfg.inst_results(inst) {
            for user in std::mem::take(&mut self.waiting[*value]) {
                self.missing[user] -= 1;
                if self.missing[user] == 0 {
                    users.push(user);
                }
            }
        }
        for user in users.into_iter().rev() {
            self.func.layout.remove_inst(user);
            let next = self.func.layout.next_inst(inst).expect("a block ends with a branch");
            self.func.layout.insert_inst(user, next);
        }
    }

    /// Whether an instruction can be executed early and is the only user of an operand that occupies a register in this block.
    fn saves_register(&self, block: Block, inst: Inst) -> bool {
        let opcode = self.func.dfg.insts[inst].opcode();
        let arithmetic =
            is_integer_arithmetic(opcode) || matches!(opcode, Opcode::Fadd | Opcode::Fsub | Opcode::Fmul);
        arithmetic
            && is_pure(self.func, inst)
            && self.func.dfg.inst_args(inst).iter().any(|value| {
                self.uses[*value] == 1
                    && match definition(self.func, *value) {
                        None => self.func.dfg.value_def(*value).unwrap_block() == block,
                        Some(operand) => {
                            self.func.layout.inst_block(operand) == Some(block) && self.has_register(operand)
                        }
                    }
            })
    }

    /// Whether the result of an instruction is in a register of its own, and not a part of what uses it.
    fn has_register(&self, inst: Inst) -> bool {
        let opcode = self.func.dfg.insts[inst].opcode();
        !matches!(
            opcode,
            Opcode::Iconst | Opcode::F32const | Opcode::F64const | Opcode::Uextend | Opcode::SymbolValue
        )
    }
}
