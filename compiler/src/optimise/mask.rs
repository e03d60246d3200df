//! Drops masks of bits that are zero anyway, or that are shifted out. Compilers to Wasm keep small integers in wider locals and
//! mask these where they use them; Cranelift sees that a byte which was just loaded has no other bits, but not if it comes from
//! another block.
//!
//! Why nothing changes: a value is replaced by an equal one. `widths` says of values a number of low bits outside of which each
//! is zero. It begins with 0 for all, and is widened until no instruction and no branch defines a value with more
//! bits than it says, given what it says of the operands. Then it holds by induction over the execution: the first value
//! with more bits would have been computed from values that had none. Dropping masks one after the other doesn't change it,
//! since each leaves all values as they are.
//!
//! That the upper half of an index is zero is known in another way, without the widths: see `extend`.

use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Function, Inst, Opcode, Value};

use super::pure::{constant, definition};
use super::widths::{Wanted, shift};

/// Drops them in a function that hasn't been optimised yet.
pub fn drop_masks(func: &mut Function, cfg: &ControlFlowGraph) {
    let mut masks: Vec<Inst> = Vec::new();
    let mut wanted = Wanted::new(func, cfg);
    for inst in func.layout.blocks().flat_map(|block| func.layout.block_insts(block)) {
        // Most instructions are neither.
        let masked = match func.dfg.insts[inst].opcode() {
            Opcode::Band | Opcode::Uextend => mask(func, inst).map(|mask| mask.0),
            Opcode::Ushr => shifted_mask(func, inst).map(|mask| mask.0),
            _ => continue,
        };
        if let Some(value) = masked {
            wanted.want(value);
            masks.push(inst);
        }
    }
    if masks.is_empty() {
        return;
    }
    let Some(widths) = wanted.solve() else { return };
    for inst in masks {
        if let Some((value, bits)) = mask(func, inst) {
            if widths.of(value) <= bits {
                let result = func.dfg.first_result(inst);
                func.layout.remove_inst(inst);
                func.dfg.clear_results(inst);
                func.dfg.change_to_alias(result, value);
            }
        } else if let Some((value, mask, shift)) = shifted_mask(func, inst)
            && ones(widths.of(value)) >> shift & !(mask >> shift) == 0
        {
            func.dfg.inst_args_mut(inst)[0] = value;
        }
    }
}

/// So many low bits.
fn ones(bits: u8) -> u64 {
    u64::MAX.checked_shr(64 - u32::from(bits.min(64))).unwrap_or(0)
}

/// The value of which an instruction takes this many low bits, if that is what it does.
fn mask(func: &Function, inst: Inst) -> Option<(Value, u8)> {
    match func.dfg.insts[inst].opcode() {
        Opcode::Band => {
            let (value, mask) = masked(func, inst)?;
            (mask & mask.wrapping_add(1) == 0).then_some((value, mask.count_ones() as u8))
        }
        Opcode::Uextend => {
            let narrow = func.dfg.inst_args(inst)[0];
            let reduction = definition(func, narrow)?;
            if func.dfg.insts[reduction].opcode() != Opcode::Ireduce {
                return None;
            }
            let value = func.dfg.resolve_aliases(func.dfg.inst_args(reduction)[0]);
            let same = func.dfg.value_type(value) == func.dfg.value_type(func.dfg.first_result(inst));
            same.then(|| (value, func.dfg.value_type(narrow).bits() as u8))
        }
        _ => None,
    }
}

/// A value of up to 64 bits and the constant that an instruction combines it with by `and`.
fn masked(func: &Function, inst: Inst) -> Option<(Value, u64)> {
    if func.dfg.insts[inst].opcode() != Opcode::Band {
        return None;
    }
    let [left, right] = func.dfg.inst_args(inst) else { return None };
    let [left, right] = [*left, *right].map(|value| func.dfg.resolve_aliases(value));
    [(left, right), (right, left)].into_iter().find_map(|(value, mask)| Some((value, constant(func, mask)?)))
}

/// The value, the mask and the distance of an instruction that shifts a masked value to the right by a constant.
fn shifted_mask(func: &Function, inst: Inst) -> Option<(Value, u64, u32)> {
    let (value, shift) = shift(func, inst)?;
    let (value, mask) = masked(func, definition(func, value)?)?;
    Some((value, mask, shift))
}
