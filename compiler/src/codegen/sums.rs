//! Values as sums of another value and a constant: the frame of a function is one with its stack pointer, and so are the
//! addresses in the frame. If the one isn't kept, another one tells what it is.

use cranelift_codegen::ir::{Function, InstructionData, Opcode, Value, ValueDef, types};

/// A sum of a value, if there is one, and a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub root: Option<Value>,
    pub addend: i64,
}

/// The most terms of a sum.
const MOST_TERMS: usize = 32;

/// A value as a sum. With `low`, of the lower 32 bits of values, whose extensions are the same then.
pub fn sum(func: &Function, value: Value, low: bool) -> Sum {
    let dfg = &func.dfg;
    let mut sum = Sum { root: Some(value), addend: 0 };
    if !matches!(dfg.value_type(value), types::I32 | types::I64) {
        return sum;
    }
    for _ in 0..MOST_TERMS {
        let Some(root) = sum.root else { break };
        let ValueDef::Result(inst, _) = dfg.value_def(root) else { break };
        let opcode = dfg.insts[inst].opcode();
        match (opcode, dfg.inst_args(inst)) {
            (Opcode::Iconst, _) => {
                let addend = constant(func, root).expect("a constant");
                sum = Sum { root: None, addend: sum.addend.wrapping_add(addend) };
            }
            (Opcode::Iadd, [a, b]) => match (constant(func, *a), constant(func, *b)) {
                (_, Some(b)) => sum = Sum { root: Some(*a), addend: sum.addend.wrapping_add(b) },
                (Some(a), _) => sum = Sum { root: Some(*b), addend: sum.addend.wrapping_add(a) },
                _ => break,
            },
            (Opcode::Isub, [a, b]) => match constant(func, *b) {
                Some(b) => sum = Sum { root: Some(*a), addend: sum.addend.wrapping_sub(b) },
                None => break,
            },
            (Opcode::Uextend | Opcode::Sextend | Opcode::Ireduce, [whole]) if low => {
                if !matches!(dfg.value_type(*whole), types::I32 | types::I64) {
                    break;
                }
                sum.root = Some(*whole);
            }
            _ => break,
        }
    }
    if low {
        sum.addend &= 0xffff_ffff;
    }
    sum
}

/// The value of an integer constant.
fn constant(func: &Function, value: Value) -> Option<i64> {
    let inst = func.dfg.value_def(value).inst()?;
    match func.dfg.insts[inst] {
        InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => Some(imm.bits()),
        _ => None,
    }
}

/// The bits of a floating-point constant.
pub fn float_constant(func: &Function, value: Value) -> Option<u64> {
    let inst = func.dfg.value_def(value).inst()?;
    match func.dfg.insts[inst] {
        InstructionData::UnaryIeee32 { imm, .. } => Some(u64::from(imm.bits())),
        InstructionData::UnaryIeee64 { imm, .. } => Some(imm.bits()),
        _ => None,
    }
}
