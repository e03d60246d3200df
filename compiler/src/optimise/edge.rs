//! What a block that branches to a dispatch knows of a slot: see `carry`.

use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, ValueDef};

use super::slot::{Root, Slot};

/// The number of instructions that a search looks at, so that no function takes long.
const MOST_STEPS: usize = 512;

/// A branch to a dispatch.
#[derive(Clone, Copy)]
pub struct Edge {
    pub from: Block,
    pub branch: Inst,
}

/// What the branch hands over as the contents of a slot.
pub enum Carried {
    /// What was loaded from the slot, or stored to it, last.
    Known(Value),
    /// What the dispatch before has handed over: nothing has changed the slot since.
    Same,
    /// It must be loaded.
    Unknown,
}

impl Edge {
    /// The slot as its root is called at the branch: one that the dispatch has as a parameter is an argument here.
    pub fn slot(&self, func: &Function, dispatch: Block, slot: Slot) -> Option<Slot> {
        let ValueDef::Param(block, position) = func.dfg.value_def(slot.root.index) else { return Some(slot) };
        if block != dispatch {
            return Some(slot);
        }
        let dfg = &func.dfg;
        let calls = dfg.insts[self.branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let call = calls.iter().find(|call| call.block(&dfg.value_lists) == dispatch)?;
        let argument = call.args(&dfg.value_lists).nth(position)?.as_value()?;
        Some(Slot { root: Root { index: dfg.resolve_aliases(argument), ..slot.root }, ..slot })
    }

    /// What is handed over for `slot`, which is called `here` at the branch.
    pub fn carried(
        &self,
        func: &Function,
        cfg: &ControlFlowGraph,
        dispatch: Block,
        slot: Slot,
        here: Slot,
    ) -> Carried {
        let mut block = self.from;
        let mut steps = 0;
        loop {
            let mut next = func.layout.last_inst(block);
            while let Some(inst) = next {
                steps += 1;
                if Slot::of(func, inst) == Some(here) {
                    return Carried::Known(match func.dfg.insts[inst].opcode() {
                        Opcode::Store => func.dfg.inst_args(inst)[0],
                        _ => func.dfg.first_result(inst),
                    });
                }
                if steps == MOST_STEPS || here.may_be_changed_by(func, inst) {
                    return Carried::Unknown;
                }
                next = func.layout.prev_inst(inst);
            }
            if block == dispatch {
                return if here == slot { Carried::Same } else { Carried::Unknown };
            }
            let mut before = cfg.pred_iter(block);
            match (before.next(), before.next()) {
                (Some(only), None) => block = only.block,
                _ => return Carried::Unknown,
            }
        }
    }

    /// Whether an access that comes before the branch on every path shows that the slot is accessible: it has the same
    /// root and ends where the slot does or later. What is accessible of a memory begins at its base, has no gaps and
    /// never shrinks.
    pub fn proves_access(&self, func: &Function, domtree: &DominatorTree, here: Slot) -> bool {
        let mut next = Some(self.from);
        let mut steps = 0;
        while let Some(block) = next {
            for inst in func.layout.block_insts(block) {
                steps += 1;
                if steps == MOST_STEPS {
                    return false;
                }
                if Slot::of(func, inst)
                    .is_some_and(|other| other.root == here.root && other.end() >= here.end())
                {
                    return true;
                }
            }
            next = domtree.idom(block);
        }
        false
    }
}
