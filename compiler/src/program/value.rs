//! Values that are known when a program is built.

use super::entity::FuncId;

/// A Wasm value known at compile time. Floats are their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    /// The bytes in memory: lane 0 first.
    V128([u8; 16]),
    /// A null reference.
    Null,
    Func(FuncId),
    /// A host reference, as used by the tests. Not 0.
    Extern(u64),
    I31(i32),
    /// An object, which is allocated when the instance is instantiated.
    Late,
}

impl Value {
    /// The 64-bit pattern of a number or a reference, 0 if it isn't known yet; none for a vector or a function.
    pub fn bits(self) -> Option<u64> {
        match self {
            Value::I32(value) => Some(u64::from(value as u32)),
            Value::I64(value) => Some(value as u64),
            Value::F32(bits) => Some(u64::from(bits)),
            Value::F64(bits) => Some(bits),
            Value::Null | Value::Late => Some(0),
            Value::I31(value) => Some(u64::from((value as u32) << 1 | 1)),
            Value::Extern(value) => Some(value),
            Value::V128(_) | Value::Func(_) => None,
        }
    }

    /// An offset of a segment: unsigned.
    pub fn as_offset(self) -> u64 {
        self.bits().expect("validated: an offset is a number")
    }
}
