//! Places in a linear memory, as far as loads and stores show which they are.

use cranelift_codegen::cursor::FuncCursor;
use cranelift_codegen::ir::{
    Function, Inst, InstBuilder as _, InstructionData, Opcode, Type, Value, ValueDef, types,
};

use crate::translate::HEAP_ACCESS;

/// What an address counts from: an index of 32 bits in the memory with a constant base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Root {
    /// Address of the memory.
    pub base: i64,
    /// Not an alias.
    pub index: Value,
}

/// An integer in a linear memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub root: Root,
    /// In bytes, from the root on.
    pub offset: i32,
    pub ty: Type,
}

impl Slot {
    /// The slot that a load yields whole, or that a store writes whole, without extending or truncating.
    pub fn of(func: &Function, inst: Inst) -> Option<Slot> {
        let (address, offset, ty) = match func.dfg.insts[inst] {
            InstructionData::Load { opcode: Opcode::Load, arg, offset, .. } => {
                (arg, offset, func.dfg.value_type(func.dfg.first_result(inst)))
            }
            InstructionData::Store { opcode: Opcode::Store, args, offset, .. } => {
                (args[1], offset, func.dfg.value_type(args[0]))
            }
            _ => return None,
        };
        if !matches!(ty, types::I32 | types::I64) || !accesses_memory(func, inst) {
            return None;
        }
        let offset = i32::from(offset);
        (offset >= 0).then_some(Slot { root: root(func, address)?, offset, ty })
    }

    /// The offset of the first byte behind the slot.
    pub fn end(&self) -> i64 {
        i64::from(self.offset) + i64::from(self.ty.bytes())
    }

    /// Whether an instruction may change the slot.
    pub fn may_be_changed_by(&self, func: &Function, inst: Inst) -> bool {
        let InstructionData::Store { opcode, args, offset, .. } = func.dfg.insts[inst] else {
            return may_store(func, inst);
        };
        let bytes = match opcode {
            Opcode::Store => func.dfg.value_type(args[0]).bytes(),
            Opcode::Istore8 => 1,
            Opcode::Istore16 => 2,
            Opcode::Istore32 => 4,
            _ => return true,
        };
        // Of two accesses with the same root, the addresses differ by the offsets, whether they wrap or not. Other
        // roots may be any index; what isn't an access of a linear memory may be anything.
        if !accesses_memory(func, inst) || root(func, args[1]) != Some(self.root) {
            return true;
        }
        let start = i64::from(i32::from(offset));
        start < self.end() && i64::from(self.offset) < start + i64::from(bytes)
    }
}

/// Whether an instruction may change memory.
pub fn may_store(func: &Function, inst: Inst) -> bool {
    let opcode = func.dfg.insts[inst].opcode();
    opcode.can_store() || opcode.is_call() || opcode.other_side_effects()
}

/// Whether it is a load or a store of a linear memory, which traps by faulting.
fn accesses_memory(func: &Function, inst: Inst) -> bool {
    func.dfg.insts[inst].memflags_data(&func.dfg).is_some_and(|flags| flags.trap_code() == Some(HEAP_ACCESS))
}

/// The root of an address as `Translator::address` computes it.
fn root(func: &Function, address: Value) -> Option<Root> {
    let dfg = &func.dfg;
    let definition = |value: Value| match dfg.value_def(value) {
        ValueDef::Result(inst, 0) => Some(dfg.insts[inst]),
        _ => None,
    };
    let InstructionData::Binary { opcode: Opcode::Iadd, args: [base, index] } = definition(address)? else {
        return None;
    };
    let InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } = definition(base)? else { return None };
    let InstructionData::Unary { opcode: Opcode::Uextend, arg } = definition(index)? else { return None };
    (dfg.value_type(arg) == types::I32).then(|| Root { base: imm.bits(), index: dfg.resolve_aliases(arg) })
}

impl Root {
    /// The address of the root, as `Translator::address` computes it.
    pub fn address(&self, cursor: &mut FuncCursor<'_>) -> Value {
        let base = cursor.ins().iconst(types::I64, self.base);
        let index = cursor.ins().uextend(types::I64, self.index);
        cursor.ins().iadd(base, index)
    }
}
