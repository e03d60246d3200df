//! Drops masks of bits that are zero anyway, or that are shifted out. Compilers to Wasm keep small integers in wider locals and
//! mask these where they use them; Cranelift sees that a byte which was just loaded has no other bits, but not if it comes from
//! another block.
//!
//! Why nothing changes: a value is replaced by an equal one. `Widths` says of each value a number of low bits outside of which it
//! is zero. It begins with 0 for all, and is widened until no instruction and no branch defines a value with more
//! bits than it says, given what it says of the operands. Then it holds by induction over the execution: the first value
//! with more bits would have been computed from values that had none. Dropping masks one after the other doesn't change it,
//! since each leaves all values as they are.
//!
//! That the upper half of an index is zero is known in another way, without the widths: see `extend`.

use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value};
use cranelift_entity::SecondaryMap;

use super::pure::{constant, definition};

/// The number of low bits outside of which a value is known to be zero, of values that are integers.
type Widths = SecondaryMap<Value, u8>;

/// Drops them in a function that hasn't been optimised yet.
pub fn drop_masks(func: &mut Function) {
    let all = func.layout.blocks().flat_map(|block| func.layout.block_insts(block));
    let masks: Vec<Inst> =
        all.filter(|inst| mask(func, *inst).is_some() || shifted_mask(func, *inst).is_some()).collect();
    if masks.is_empty() {
        return;
    }
    let Some(widths) = widths(func) else { return };
    for inst in masks {
        if let Some((value, bits)) = mask(func, inst) {
            if widths[value] <= bits {
                let result = func.dfg.first_result(inst);
                func.layout.remove_inst(inst);
                func.dfg.clear_results(inst);
                func.dfg.change_to_alias(result, value);
            }
        } else if let Some((value, mask, shift)) = shifted_mask(func, inst)
            && ones(widths[value]) >> shift & !(mask >> shift) == 0
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

/// What an instruction shifts to the right, unsigned, and by how many bits, if that is a constant.
fn shift(func: &Function, inst: Inst) -> Option<(Value, u32)> {
    if func.dfg.insts[inst].opcode() != Opcode::Ushr {
        return None;
    }
    let [value, distance] = func.dfg.inst_args(inst) else { return None };
    let bits = func.dfg.value_type(*value).bits();
    if bits > 64 {
        return None;
    }
    // Distances are taken modulo the width.
    Some((func.dfg.resolve_aliases(*value), constant(func, *distance)? as u32 % bits))
}

/// How often a function is looked at until its widths agree with each other: real ones take a handful.
const MOST_ROUNDS: u32 = 16;

/// The widths of all values: the least that agree with each other; none if it takes too long to find them.
fn widths(func: &Function) -> Option<Widths> {
    let mut widths = Widths::new();
    let entry = func.layout.entry_block()?;
    for param in func.dfg.block_params(entry) {
        widths[*param] = u8::MAX;
    }
    for _ in 0..MOST_ROUNDS {
        let mut changed = false;
        for block in func.layout.blocks() {
            for inst in func.layout.block_insts(block) {
                changed |= update(func, &mut widths, inst);
            }
        }
        if !changed {
            return Some(widths);
        }
    }
    None
}

/// Widens what an instruction defines; whether that has changed anything.
fn update(func: &Function, widths: &mut Widths, inst: Inst) -> bool {
    let mut changed = false;
    let mut widen = |widths: &mut Widths, value: Value, width: u8| {
        if widths[value] < width {
            widths[value] = width;
            changed = true;
        }
    };
    let width = |widths: &Widths, value: Value| widths[func.dfg.resolve_aliases(value)];
    for result in func.dfg.inst_results(inst) {
        let most = u8::try_from(func.dfg.value_type(*result).bits()).unwrap_or(u8::MAX);
        let args = || func.dfg.inst_args(inst).iter().map(|value| width(widths, *value));
        let new = match func.dfg.insts[inst].opcode() {
            Opcode::Iconst => match constant(func, *result) {
                Some(value) => (64 - value.leading_zeros()) as u8,
                None => most,
            },
            Opcode::Uload8 => 8,
            Opcode::Uload16 => 16,
            Opcode::Uload32 => 32,
            Opcode::Icmp | Opcode::Fcmp => 1,
            Opcode::Band => args().min().unwrap_or(most),
            Opcode::Bor | Opcode::Bxor => args().max().unwrap_or(most),
            Opcode::Uextend => args().max().unwrap_or(most),
            Opcode::Select => args().skip(1).max().unwrap_or(most),
            Opcode::Ushr => {
                let distance = shift(func, inst).map_or(0, |(_, distance)| distance);
                args().next().unwrap_or(most).saturating_sub(distance as u8)
            }
            Opcode::Ireduce => args().next().unwrap_or(most),
            _ => most,
        };
        widen(widths, *result, new.min(most));
    }
    for call in func.dfg.insts[inst].branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables) {
        let block: Block = call.block(&func.dfg.value_lists);
        let params = func.dfg.block_params(block);
        for (param, argument) in params.iter().zip(call.args(&func.dfg.value_lists)) {
            let width = argument.as_value().map_or(u8::MAX, |value| width(widths, value));
            widen(widths, *param, width);
        }
    }
    changed
}
