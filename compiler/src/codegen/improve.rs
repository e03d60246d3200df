//! What Cranelift's optimiser leaves undone, for code of libraries: see `mask`, `hoist` and `order`.

mod hoist;
mod mask;
mod order;

use cranelift_codegen::ir::{Function, Inst, InstructionData, Opcode, Value, ValueDef};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenResult, Context};

pub use mask::drop_masks;

/// Improves a function that Cranelift has optimised, unless it was told not to.
///
/// # Errors
/// If the result isn't valid, where that is verified.
pub fn improve(context: &mut Context, isa: &dyn TargetIsa) -> CodegenResult<()> {
    if isa.flags().opt_level() != OptLevel::None {
        rearrange(context);
    }
    context.verify_if(isa)
}

fn rearrange(context: &mut Context) {
    context.compute_loop_analysis();
    hoist::hoist(context);
    order::order(&mut context.func);
}

/// Whether an instruction has one result that depends on its arguments alone, wherever it is.
fn is_pure(func: &Function, inst: Inst) -> bool {
    let data = &func.dfg.insts[inst];
    let opcode = data.opcode();
    let constant_load = match data {
        InstructionData::Load { opcode: Opcode::Load, flags, .. } => {
            let flags = func.dfg.mem_flags[*flags];
            flags.readonly() && flags.notrap() && flags.can_move()
        }
        _ => false,
    };
    let effects = opcode.is_call()
        || opcode.is_branch()
        || opcode.is_terminator()
        || opcode.can_trap()
        || opcode.can_store()
        || opcode.other_side_effects();
    func.dfg.inst_results(inst).len() == 1 && (constant_load || !effects && !opcode.can_load())
}

/// The instruction that defines a value; none for parameters of blocks.
fn definition(func: &Function, value: Value) -> Option<Inst> {
    match func.dfg.value_def(value) {
        ValueDef::Result(inst, _) => Some(inst),
        _ => None,
    }
}

/// Whether it is a constant.
fn is_constant(func: &Function, inst: Inst) -> bool {
    matches!(func.dfg.insts[inst].opcode(), Opcode::Iconst | Opcode::F32const | Opcode::F64const)
}

#[cfg(test)]
mod tests;
