//! Values at a library's border: the types of C that stand for those of Wasm, and how results are returned.

use wasmparser::{RefType, ValType};

/// A type of Wasm that C can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// `int32_t`.
    I32,
    /// `int64_t`.
    I64,
    /// `float`.
    F32,
    /// `double`.
    F64,
    /// `P_v128`: a structure of 16 bytes in the order of a memory, aligned to 1, and always passed by pointer.
    V128,
    /// `externref`: a `void *` that Wasm code can't look into; null is NULL.
    Extern,
}

impl Value {
    /// The value of this type, if C can express it.
    pub fn of(ty: ValType) -> Option<Value> {
        Some(match ty {
            ValType::I32 => Value::I32,
            ValType::I64 => Value::I64,
            ValType::F32 => Value::F32,
            ValType::F64 => Value::F64,
            ValType::V128 => Value::V128,
            ValType::Ref(RefType::EXTERNREF) => Value::Extern,
            ValType::Ref(_) => return None,
        })
    }

    /// Its size in bytes, on every target.
    pub fn size(self) -> u32 {
        match self {
            Value::I32 | Value::F32 => 4,
            Value::I64 | Value::F64 | Value::Extern => 8,
            Value::V128 => 16,
        }
    }

    /// Its alignment in bytes in a structure.
    pub fn alignment(self) -> u32 {
        match self {
            Value::V128 => 1,
            other => other.size(),
        }
    }
}

/// A member of a structure `P_NAME_results`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// In bytes from the start of the structure.
    pub offset: u32,
    pub value: Value,
}

/// How results are returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    Nothing,
    /// As the result of the C function. Only the embedder's functions return this way: those of the library return an
    /// error.
    Direct(Value),
    /// Through a pointer to the value, which is the last parameter.
    Pointer(Value),
    /// Through a pointer to the structure of all results, which is the last parameter.
    Structure,
}

impl Return {
    /// How functions that the library defines return results.
    pub fn of_export(results: &[Value]) -> Return {
        match results {
            [] => Return::Nothing,
            [value] => Return::Pointer(*value),
            _ => Return::Structure,
        }
    }

    /// How functions that the embedder defines return results.
    pub fn of_import(results: &[Value]) -> Return {
        match results {
            [] => Return::Nothing,
            [Value::V128] => Return::Pointer(Value::V128),
            [value] => Return::Direct(*value),
            _ => Return::Structure,
        }
    }
}

/// The members of a structure of results, as C lays it out, and its size in bytes.
pub fn structure(results: &[Value]) -> (Vec<Field>, u32) {
    let mut end = 0u32;
    let fields = results.iter().map(|&value| {
        let offset = end.next_multiple_of(value.alignment());
        end = offset + value.size();
        Field { offset, value }
    });
    let fields = fields.collect();
    let alignment = results.iter().map(|value| value.alignment()).max().unwrap_or(1);
    (fields, end.next_multiple_of(alignment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_those_of_c() {
        #[repr(C)]
        struct Results {
            a: i32,
            b: f64,
            c: [u8; 16],
            d: f32,
            e: *mut u8,
            f: i32,
        }
        let (fields, size) =
            structure(&[Value::I32, Value::F64, Value::V128, Value::F32, Value::Extern, Value::I32]);
        let offsets: Vec<usize> = fields.iter().map(|field| field.offset as usize).collect();
        use std::mem::offset_of;
        let expected = [
            offset_of!(Results, a),
            offset_of!(Results, b),
            offset_of!(Results, c),
            offset_of!(Results, d),
            offset_of!(Results, e),
            offset_of!(Results, f),
        ];
        assert_eq!(offsets, expected);
        assert_eq!(size as usize, size_of::<Results>());
    }
}
