//! From the bits of a value in the memory of the program that ran to a value that is known when a program is built.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use wasmparser::{AbstractHeapType, HeapType, RefType, ValType};

use crate::program::{FuncId, Hierarchy, Program, Value, named_type};

/// Turns bits into values.
pub struct Values<'p, 'a> {
    program: &'p Program<'a>,
    functions: HashMap<u64, FuncId>,
}

impl<'p, 'a> Values<'p, 'a> {
    /// `functions`: the numbers of functions by the references to them.
    ///
    /// # Errors
    /// If there is no function of a number.
    pub fn new(program: &'p Program<'a>, functions: &HashMap<u64, u64>) -> Result<Values<'p, 'a>> {
        let mut known = HashMap::new();
        for (reference, number) in functions {
            ensure!(*number < program.funcs.len() as u64, "there is no function {number}");
            ensure!(*reference != 0, "a function has the reference that stands for null");
            known.insert(*reference, FuncId::from_u32(*number as u32));
        }
        Ok(Values { program, functions: known })
    }

    /// A value of a type, from its place among the globals: 16 bytes for a vector, else 8.
    ///
    /// # Errors
    /// If it can't be kept. The error completes a sentence that begins with its name.
    pub fn global(&self, ty: ValType, place: &[u8]) -> Result<Value> {
        let word = || u64::from_ne_bytes(place[..8].try_into().expect("a global has 8 bytes"));
        let half = || u32::from_ne_bytes(place[..4].try_into().expect("a global has 8 bytes"));
        Ok(match ty {
            ValType::I32 => Value::I32(half() as i32),
            ValType::I64 => Value::I64(word() as i64),
            ValType::F32 => Value::F32(half()),
            ValType::F64 => Value::F64(word()),
            ValType::V128 => Value::V128(place.try_into().expect("a vector has 16 bytes")),
            ValType::Ref(ty) => self.reference(ty, word())?,
        })
    }

    /// A reference of a type.
    ///
    /// # Errors
    /// As [`Values::global`].
    pub fn reference(&self, ty: RefType, bits: u64) -> Result<Value> {
        let types = &self.program.types;
        if bits == 0 {
            ensure!(ty.is_nullable(), "is null, which it can't be");
            return Ok(Value::Null);
        }
        let heap = ty.heap_type();
        match types.hierarchy(heap) {
            Hierarchy::Func => match self.functions.get(&bits) {
                Some(func) if self.fits(*func, heap) => Ok(Value::Func(*func)),
                _ => bail!("refers to a function that it can't refer to"),
            },
            Hierarchy::Exn => bail!("refers to an exception"),
            Hierarchy::Any | Hierarchy::Extern if bits & 1 == 1 && bits <= u32::MAX.into() => {
                let i31 = RefType::I31REF.as_non_null().heap_type();
                let is_extern = types.hierarchy(heap) == Hierarchy::Extern;
                ensure!(is_extern || types.heap_matches(i31, heap), "refers to a number, which it can't do");
                Ok(Value::I31(bits as u32 as i32 >> 1))
            }
            Hierarchy::Any => bail!("refers to an object"),
            Hierarchy::Extern => bail!("refers to something outside"),
        }
    }

    /// Whether a reference of this type may refer to a function.
    fn fits(&self, func: FuncId, heap: HeapType) -> bool {
        let signature = self.program.funcs[func].signature;
        match heap {
            HeapType::Abstract { ty, .. } => ty == AbstractHeapType::Func,
            HeapType::Exact(_) => named_type(heap) == Some(signature),
            HeapType::Concrete(_) => named_type(heap).is_some_and(|ty| self.program.has_type(func, ty)),
        }
    }
}
