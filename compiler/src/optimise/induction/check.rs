//! Has the program itself check what `induction` has changed: the address of each access, computed anew from the base and the 32-bit
//! index, and as it is, must be the same number. For tests: it takes nothing from the analysis but which accesses were
//! changed. Those whose extension was merely replaced by a counter of 64 bits aren't compared.

use cranelift_codegen::cursor::{Cursor as _, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Function, InstBuilder as _, InstructionData, TrapCode, types};

use super::rewrite::Change;

/// Not a trap of WebAssembly's: the runtime doesn't know it, so the program ends by a signal.
pub const DIFFERENT: TrapCode = TrapCode::unwrap_user(200);

/// Inserts a comparison before each access.
pub fn compare(func: &mut Function, changes: &[Change]) {
    for change in changes {
        let inst = change.access.inst;
        let (address, offset) = match func.dfg.insts[inst] {
            InstructionData::Load { arg, offset, .. } => (arg, i64::from(i32::from(offset))),
            InstructionData::Store { args, offset, .. } => (args[1], i64::from(i32::from(offset))),
            _ => unreachable!("loads and stores are changed"),
        };
        let mut cursor = FuncCursor::new(func).at_inst(inst);
        let new = cursor.ins().iadd_imm_s(address, offset);
        let index = cursor.ins().uextend(types::I64, change.access.index);
        let old = cursor.ins().iadd(change.access.base, index);
        let old = cursor.ins().iadd_imm_s(old, i64::from(change.access.offset));
        let differs = cursor.ins().icmp(IntCC::NotEqual, new, old);
        cursor.ins().trapnz(differs, DIFFERENT);
    }
}
