//! What passes ask of instructions.

use cranelift_codegen::ir::{Function, Inst, InstructionData, Opcode, Value, ValueDef};

/// Whether an instruction has one result that depends on its arguments alone, wherever it is.
pub fn is_pure(func: &Function, inst: Inst) -> bool {
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
pub fn definition(func: &Function, value: Value) -> Option<Inst> {
    match func.dfg.value_def(value) {
        ValueDef::Result(inst, _) => Some(inst),
        _ => None,
    }
}

/// Whether it is a constant.
pub fn is_constant(func: &Function, inst: Inst) -> bool {
    matches!(func.dfg.insts[inst].opcode(), Opcode::Iconst | Opcode::F32const | Opcode::F64const)
}

/// The bits of an integer that is a constant, zero-extended.
pub fn constant(func: &Function, value: Value) -> Option<u64> {
    let InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } = func.dfg.insts[definition(func, value)?]
    else {
        return None;
    };
    let bits = func.dfg.value_type(value).bits();
    Some(imm.bits() as u64 & (u64::MAX >> (64 - bits)))
}

/// Whether it is arithmetic of integers that takes a cycle or a few, and doesn't trap.
pub fn is_integer_arithmetic(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Iadd
            | Opcode::Isub
            | Opcode::Imul
            | Opcode::Band
            | Opcode::Bor
            | Opcode::Bxor
            | Opcode::Ishl
            | Opcode::Ushr
            | Opcode::Sshr
            | Opcode::Rotl
            | Opcode::Rotr
    )
}
