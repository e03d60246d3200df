//! Interpreters keep their state, such as the address of the next operation, in memory if it has a structure of its own:
//! each operation loads the address and stores that of the operation that follows. Then the time from a store to the next load of
//! the same bytes, about seven cycles, limits the speed, however well the CPU predicts the branches between them.
//!
//! A *dispatch* is a block that ends in a large `br_table` and that many blocks branch to. A slot that most of these
//! leave in a register, and that many targets of the table load, is carried by a parameter of the dispatch. Stores stay, so
//! that memory is as it was; the loads go.
//!
//! Why no access is made that could trap in a place where none was: where a branch to the dispatch doesn't know the contents
//! of the slot, it loads them, and only if the slot is known to be accessible, because of an access before
//! (`Edge::proves_access`), or since it is the same slot as when the dispatch came before: each way to the
//! dispatch has accessed it. Nor is a trap lost: a load that goes comes after that access.

use std::collections::HashMap;

use cranelift_codegen::cursor::{Cursor as _, FuncCursor};
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Block, BlockCall, Function, Inst, InstBuilder as _, Opcode, Value, ValueDef};

use super::edge::{Carried, Edge};
use super::slot::{Slot, may_store};

/// Branches to it, targets of its table, and loads of a slot in these, that a dispatch has at least.
const LEAST: usize = 16;
/// Stores after which a search for loads gives up.
const MOST_STORES: usize = 8;
/// Slots of a dispatch that are looked at.
const MOST_SLOTS: usize = 8;

/// Carries slots through the dispatches of a function.
pub fn run(func: &mut Function, cfg: &ControlFlowGraph, domtree: &DominatorTree) {
    let has_table = |block: &Block| calls(func, last(func, *block)).len() > LEAST && is_table(func, *block);
    let tables: Vec<Block> = func.layout.blocks().filter(has_table).collect();
    for dispatch in tables {
        let Some(edges) = edges(func, cfg, domtree, dispatch) else { continue };
        for (slot, loads) in loads(func, cfg, domtree, dispatch) {
            carry(func, cfg, domtree, dispatch, slot, &edges, &loads);
        }
    }
}

fn last(func: &Function, block: Block) -> Inst {
    func.layout.last_inst(block).expect("a block isn't empty")
}

fn is_table(func: &Function, block: Block) -> bool {
    func.dfg.insts[last(func, block)].opcode() == Opcode::BrTable
}

/// Where a terminator branches to.
fn calls(func: &Function, inst: Inst) -> &[BlockCall] {
    func.dfg.insts[inst].branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)
}

/// The branches to a dispatch. None if they are few, or if one of them isn't plain: a call that may throw, or a branch
/// that leads to the dispatch in two ways.
fn edges(
    func: &Function,
    cfg: &ControlFlowGraph,
    domtree: &DominatorTree,
    dispatch: Block,
) -> Option<Vec<Edge>> {
    let reachable = cfg.pred_iter(dispatch).filter(|before| domtree.is_reachable(before.block));
    let edges: Vec<Edge> = reachable.map(|before| Edge { from: before.block, branch: before.inst }).collect();
    let is_plain = |edge: &Edge| {
        let opcode = func.dfg.insts[edge.branch].opcode();
        let ways =
            calls(func, edge.branch).iter().filter(|call| call.block(&func.dfg.value_lists) == dispatch);
        matches!(opcode, Opcode::Jump | Opcode::Brif | Opcode::BrTable) && ways.count() == 1
    };
    let all = cfg.pred_iter(dispatch).count() == edges.len();
    (all && edges.len() >= LEAST && edges.iter().all(is_plain)).then_some(edges)
}

/// The slots that are loaded most often behind the dispatch, where nothing can have changed them since, and those
/// loads: in the dispatch itself, in targets that only the table leads to, and in what only these lead to.
fn loads(
    func: &Function,
    cfg: &ControlFlowGraph,
    domtree: &DominatorTree,
    dispatch: Block,
) -> Vec<(Slot, Vec<Inst>)> {
    let mut found: Vec<(Slot, Vec<Inst>)> = Vec::new();
    let mut places: HashMap<Slot, usize> = HashMap::new();
    let mut todo: Vec<(Block, Vec<Inst>)> = vec![(dispatch, Vec::new())];
    while let Some((block, mut stores)) = todo.pop() {
        for inst in func.layout.block_insts(block) {
            if may_store(func, inst) {
                stores.push(inst);
                if stores.len() > MOST_STORES {
                    break;
                }
            } else if let Some(slot) = Slot::of(func, inst)
                && is_known_at(func, domtree, dispatch, slot)
                && !stores.iter().any(|store| slot.may_be_changed_by(func, *store))
            {
                let place = *places.entry(slot).or_insert(found.len());
                if place == found.len() {
                    found.push((slot, Vec::new()));
                }
                found[place].1.push(inst);
            }
        }
        if stores.len() > MOST_STORES {
            continue;
        }
        for next in cfg.succ_iter(block) {
            if next != dispatch && cfg.pred_iter(next).all(|before| before.block == block) {
                todo.push((next, stores.clone()));
            }
        }
    }
    found.retain(|(_, loads)| loads.len() >= LEAST);
    found.sort_by_key(|(_, loads)| std::cmp::Reverse(loads.len()));
    found.truncate(MOST_SLOTS);
    found
}

/// Whether the root of a slot is a parameter of the dispatch, or known before.
fn is_known_at(func: &Function, domtree: &DominatorTree, dispatch: Block, slot: Slot) -> bool {
    match func.dfg.value_def(slot.root.index) {
        ValueDef::Param(block, _) => domtree.block_dominates(block, dispatch),
        ValueDef::Result(inst, _) => {
            let block = func.layout.inst_block(inst);
            block.is_some_and(|block| block != dispatch && domtree.block_dominates(block, dispatch))
        }
        ValueDef::Union(..) => false,
    }
}

/// Carries a slot through the dispatch in the place of `loads`, if it pays.
fn carry(
    func: &mut Function,
    cfg: &ControlFlowGraph,
    domtree: &DominatorTree,
    dispatch: Block,
    slot: Slot,
    edges: &[Edge],
    loads: &[Inst],
) {
    let mut carried = Vec::with_capacity(edges.len());
    for edge in edges {
        let Some(here) = edge.slot(func, dispatch, slot) else { return };
        let known = edge.carried(func, cfg, dispatch, slot, here);
        let was_accessed = here == slot && domtree.block_dominates(dispatch, edge.from);
        if matches!(known, Carried::Unknown) && !was_accessed && !edge.proves_access(func, domtree, here) {
            return;
        }
        carried.push((here, known));
    }
    let known = carried.iter().filter(|(_, carried)| matches!(carried, Carried::Known(_))).count();
    if known * 2 < edges.len() {
        return;
    }
    let parameter = func.dfg.append_block_param(dispatch, slot.ty);
    for (edge, (here, carried)) in edges.iter().zip(carried) {
        let value = match carried {
            Carried::Known(value) => value,
            Carried::Same => parameter,
            Carried::Unknown => load_before(func, edge.branch, here, loads[0]),
        };
        let dfg = &mut func.dfg;
        let calls =
            dfg.insts[edge.branch].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
        for call in calls {
            if call.block(&dfg.value_lists) == dispatch {
                call.append_argument(value, &mut dfg.value_lists);
            }
        }
    }
    for load in loads {
        let result = func.dfg.first_result(*load);
        func.dfg.clear_results(*load);
        func.dfg.change_to_alias(result, parameter);
        func.layout.remove_inst(*load);
    }
}

/// Loads a slot before a branch, with the flags of another load.
fn load_before(func: &mut Function, branch: Inst, slot: Slot, like: Inst) -> Value {
    let flags = func.dfg.insts[like].memflags_data(&func.dfg).expect("a load has flags");
    let location = func.srcloc(branch);
    let mut cursor = FuncCursor::new(func).at_inst(branch).with_srcloc(location);
    let address = slot.root.address(&mut cursor);
    cursor.ins().load(slot.ty, flags, address, slot.offset)
}
