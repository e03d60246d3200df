//! Gives accesses their new addresses, and counters that are parts of these 64 bits.

use cranelift_codegen::cursor::{Cursor as _, FuncCursor};
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    Block, Function, Inst, InstBuilder as _, InstructionData, Opcode, Value, ValueDef, types,
};
use cranelift_entity::SecondaryMap;
use cranelift_entity::packed_option::PackedOption;

use super::access::Access;
use super::expand::{Leaf, MOST_LEAVES};
use super::range::Sign;
use crate::optimise::memo::Memo;

/// What becomes of an access: its address is `base` and the leaves.
pub struct Change {
    pub access: Access,
    pub leaves: [Option<Leaf>; MOST_LEAVES],
    pub offset: i32,
}

/// A counter that is to have 64 bits.
pub struct Wide {
    pub value: Value,
    pub sign: Sign,
    /// What each round adds.
    pub step: i32,
    /// The branches that begin another round.
    pub latches: Vec<Inst>,
}

/// Gives counters 64 bits, and accesses their addresses.
pub fn apply(func: &mut Function, cfg: &ControlFlowGraph, counters: &[Wide], changes: &[Change]) {
    let mut wide: Memo<Value, (Value, Sign)> = Memo::new();
    for counter in counters {
        wide.set(counter.value, (widen(func, cfg, counter), counter.sign));
    }
    if counters.iter().any(|counter| counter.sign == Sign::Unsigned) {
        replace_extensions(func, counters, &wide);
    }
    for change in changes {
        let location = func.srcloc(change.access.inst);
        let mut cursor = FuncCursor::new(func).at_inst(change.access.inst).with_srcloc(location);
        let mut address = change.access.base;
        for leaf in change.leaves.iter().flatten() {
            let mut value = match wide.get(leaf.value) {
                Some((value, sign)) if *sign == leaf.sign => *value,
                _ => extend(&mut cursor, leaf.value, leaf.sign),
            };
            if leaf.shift != 0 {
                value = cursor.ins().ishl_imm_u(value, i64::from(leaf.shift));
            }
            address = cursor.ins().iadd(address, value);
        }
        set_address(func, change.access.inst, address, change.offset);
    }
}

/// Takes the 64 bits of counters where their 32 bits are extended.
fn replace_extensions(func: &mut Function, counters: &[Wide], wide: &Memo<Value, (Value, Sign)>) {
    let mut narrow: SecondaryMap<Value, PackedOption<Value>> = SecondaryMap::new();
    for counter in counters {
        if let Some((wide, Sign::Unsigned)) = wide.get(counter.value) {
            narrow[func.dfg.resolve_aliases(counter.value)] = (*wide).into();
        }
    }
    let mut cursor = FuncCursor::new(func);
    while cursor.next_block().is_some() {
        while let Some(inst) = cursor.next_inst() {
            let dfg = &mut cursor.func.dfg;
            if let InstructionData::Unary { opcode: Opcode::Uextend, arg } = dfg.insts[inst]
                && let Some(wide) = narrow[dfg.resolve_aliases(arg)].expand()
                && dfg.value_type(dfg.first_result(inst)) == types::I64
            {
                let result = dfg.first_result(inst);
                dfg.clear_results(inst);
                dfg.change_to_alias(result, wide);
                cursor.remove_inst_and_step_back();
            }
        }
    }
}

fn extend(cursor: &mut FuncCursor<'_>, value: Value, sign: Sign) -> Value {
    match sign {
        Sign::Unsigned => cursor.ins().uextend(types::I64, value),
        Sign::Signed => cursor.ins().sextend(types::I64, value),
    }
}

fn set_address(func: &mut Function, inst: Inst, address: Value, new: i32) {
    match &mut func.dfg.insts[inst] {
        InstructionData::Load { arg, offset, .. } => (*arg, *offset) = (address, Offset32::new(new)),
        InstructionData::Store { args, offset, .. } => (args[1], *offset) = (address, Offset32::new(new)),
        other => unreachable!("not an access: {other:?}"),
    }
}

/// Gives a counter 64 bits: those of its 32 bits, extended. Where it is used otherwise, it is reduced, which takes no instruction.
fn widen(func: &mut Function, cfg: &ControlFlowGraph, counter: &Wide) -> Value {
    let ValueDef::Param(header, position) = func.dfg.value_def(counter.value) else {
        unreachable!("a counter is a parameter");
    };
    let wide = func.dfg.replace_block_param(counter.value, types::I64);
    let mut cursor = FuncCursor::new(func).at_first_insertion_point(header);
    let narrow = cursor.ins().ireduce(types::I32, wide);
    func.dfg.change_to_alias(counter.value, narrow);
    let branches: Vec<Inst> = cfg.pred_iter(header).map(|edge| edge.inst).collect();
    for branch in branches {
        let location = func.srcloc(branch);
        for (way, argument) in arguments(func, branch, header, position).into_iter().enumerate() {
            let mut cursor = FuncCursor::new(func).at_inst(branch).with_srcloc(location);
            // The integers of a counter don't wrap when they are signed, and extensions take an instruction then. Otherwise,
            // the 32-bit sum is extended for nothing.
            let new = match counter.sign {
                Sign::Signed if counter.latches.contains(&branch) => {
                    cursor.ins().iadd_imm_s(wide, i64::from(counter.step))
                }
                sign => extend(&mut cursor, argument, sign),
            };
            set_argument(func, branch, header, way, position, new);
        }
    }
    wide
}

/// What a branch hands over for a parameter of a block, in each of the ways in which it leads there.
fn arguments(func: &Function, branch: Inst, block: Block, position: usize) -> Vec<Value> {
    let dfg = &func.dfg;
    let calls = dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
    let ways = calls.iter().filter(|call| call.block(&dfg.value_lists) == block);
    let arguments = ways.filter_map(|call| call.args(&dfg.value_lists).nth(position));
    arguments.map(|argument| argument.as_value().expect("counters are handed over as values")).collect()
}

fn set_argument(func: &mut Function, branch: Inst, block: Block, way: usize, position: usize, new: Value) {
    let dfg = &mut func.dfg;
    let calls = dfg.insts[branch].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
    let mut ways = calls.iter_mut().filter(|call| call.block(&dfg.value_lists) == block);
    let call = ways.nth(way).expect("the branch leads there in so many ways");
    let mut place = 0;
    call.update_args(&mut dfg.value_lists, |argument| {
        let is_it = place == position;
        place += 1;
        if is_it { new.into() } else { argument }
    });
}
