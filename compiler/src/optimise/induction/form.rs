//! 32-bit values as sums, modulo 2^32, of other values and a constant. Values that are computed twice have the same form.

use std::collections::HashMap;

use cranelift_codegen::ir::{Function, InstructionData, Opcode, Value, types};

use super::super::pure::{self, definition};

/// The values that are added up, in an order of their own.
pub type Atoms = Vec<Value>;

/// The most atoms of a sum; one with more is an atom.
const MOST_ATOMS: usize = 3;
/// How deep sums in sums are looked at.
const MOST_DEPTH: u32 = 32;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    pub atoms: Atoms,
    pub constant: u32,
}

/// The forms that are known already.
#[derive(Default)]
pub struct Forms {
    known: HashMap<Value, Form>,
}

impl Forms {
    /// The form of a value of 32 bits.
    pub fn of(&mut self, func: &Function, value: Value) -> Form {
        self.find(func, value, MOST_DEPTH)
    }

    fn find(&mut self, func: &Function, value: Value, depth: u32) -> Form {
        let value = func.dfg.resolve_aliases(value);
        if let Some(form) = self.known.get(&value) {
            return form.clone();
        }
        let atom = Form { atoms: vec![value], constant: 0 };
        let form = match (constant(func, value), sum(func, value).filter(|_| depth > 0)) {
            (Some(constant), _) => Form { atoms: Vec::new(), constant: constant as u32 },
            (None, Some(operands)) => {
                let [left, right] = operands.map(|operand| self.find(func, operand, depth - 1));
                let mut atoms: Atoms = left.atoms.iter().chain(&right.atoms).copied().collect();
                atoms.sort_unstable();
                if atoms.len() > MOST_ATOMS {
                    atom
                } else {
                    Form { atoms, constant: left.constant.wrapping_add(right.constant) }
                }
            }
            (None, None) => atom,
        };
        self.known.insert(value, form.clone());
        form
    }
}

/// The operands of a 32-bit sum.
pub fn sum(func: &Function, value: Value) -> Option<[Value; 2]> {
    match func.dfg.insts[definition(func, value)?] {
        InstructionData::Binary { opcode: Opcode::Iadd, args }
            if func.dfg.value_type(value) == types::I32 =>
        {
            Some(args.map(|arg| func.dfg.resolve_aliases(arg)))
        }
        _ => None,
    }
}

/// The value of a constant of 32 or 64 bits, sign-extended.
pub fn constant(func: &Function, value: Value) -> Option<i64> {
    let bits = pure::constant(func, value)?;
    match func.dfg.value_type(value) {
        types::I32 => Some(i64::from(bits as i32)),
        types::I64 => Some(bits as i64),
        _ => None,
    }
}
