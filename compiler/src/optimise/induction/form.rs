//! 32-bit values as sums, modulo 2^32, of other values and a constant. Values that are computed twice have the same form.

use std::collections::HashMap;

use cranelift_codegen::ir::{Function, InstructionData, Opcode, Value, types};
use cranelift_entity::packed_option::PackedOption;

use crate::optimise::memo::Memo;
use crate::optimise::pure::{self, definition};

/// The most atoms of a sum; one with more is an atom.
const MOST_ATOMS: usize = 3;
/// How deep sums in sums are looked at.
const MOST_DEPTH: u32 = 32;

/// The values that are added up, by their number in `Forms`: equal atoms have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atoms(u32);

impl Atoms {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    pub atoms: Atoms,
    pub constant: u32,
}

/// The forms that are known already.
pub struct Forms {
    known: Memo<Value, Form>,
    /// Ascending.
    atoms: Vec<[PackedOption<Value>; MOST_ATOMS]>,
    /// The numbers of single atoms.
    single: Memo<Value, Atoms>,
    /// Those of several.
    several: HashMap<[PackedOption<Value>; MOST_ATOMS], Atoms>,
}

impl Forms {
    /// That of a constant.
    const NO_ATOMS: Atoms = Atoms(0);

    pub fn new() -> Forms {
        let atoms = vec![Default::default()];
        Forms { known: Memo::new(), atoms, single: Memo::new(), several: HashMap::new() }
    }

    /// The form of a value of 32 bits.
    pub fn of(&mut self, func: &Function, value: Value) -> Form {
        self.find(func, value, MOST_DEPTH)
    }

    /// The values that are added up, ascending.
    pub fn atoms(&self, atoms: Atoms) -> impl Iterator<Item = Value> {
        self.atoms[atoms.index()].into_iter().map_while(PackedOption::expand)
    }

    /// The only value.
    pub fn only(&self, atoms: Atoms) -> Option<Value> {
        let mut all = self.atoms(atoms);
        all.next().filter(|_| all.next().is_none())
    }

    fn find(&mut self, func: &Function, value: Value, depth: u32) -> Form {
        let value = func.dfg.resolve_aliases(value);
        if let Some(form) = self.known.get(value) {
            return *form;
        }
        let form = match (constant(func, value), sum(func, value).filter(|_| depth > 0)) {
            (Some(constant), _) => Form { atoms: Forms::NO_ATOMS, constant: constant as u32 },
            (None, Some(operands)) => {
                let [left, right] = operands.map(|operand| self.find(func, operand, depth - 1));
                match self.join(left.atoms, right.atoms) {
                    Some(atoms) => Form { atoms, constant: left.constant.wrapping_add(right.constant) },
                    None => Form { atoms: self.single(value), constant: 0 },
                }
            }
            (None, None) => Form { atoms: self.single(value), constant: 0 },
        };
        self.known.set(value, form);
        form
    }

    fn single(&mut self, value: Value) -> Atoms {
        if let Some(atoms) = self.single.get(value) {
            return *atoms;
        }
        let atoms = self.add([value.into(), None.into(), None.into()]);
        self.single.set(value, atoms);
        atoms
    }

    /// The atoms of a sum; none if they are too many.
    fn join(&mut self, left: Atoms, right: Atoms) -> Option<Atoms> {
        if left == Forms::NO_ATOMS || right == Forms::NO_ATOMS {
            return Some(if left == Forms::NO_ATOMS { right } else { left });
        }
        let mut all = [PackedOption::default(); MOST_ATOMS];
        for (count, value) in self.atoms(left).chain(self.atoms(right)).enumerate() {
            *all.get_mut(count)? = value.into();
        }
        // None is greater than all values.
        all.sort_unstable();
        if let Some(atoms) = self.several.get(&all) {
            return Some(*atoms);
        }
        let atoms = self.add(all);
        self.several.insert(all, atoms);
        Some(atoms)
    }

    fn add(&mut self, all: [PackedOption<Value>; MOST_ATOMS]) -> Atoms {
        self.atoms.push(all);
        Atoms(self.atoms.len() as u32 - 1)
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
