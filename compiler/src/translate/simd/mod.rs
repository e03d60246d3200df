//! Vectors: the operators of the SIMD and relaxed SIMD proposals, one file per family.
//!
//! Wasm has one vector type, CLIF one for each shape of lanes. On the operand stack, in locals and
//! in signatures a v128 is always an I8X16; an operator takes its operands as the lanes that it
//! needs and gives its result back as an I8X16.

mod compare;
mod convert;
mod float;
mod integer;
mod lanes;
mod memory;
mod relaxed;

use cranelift_codegen::ir::{
    Endianness, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value, types,
};

use super::translator::Translator;

/// Builds an instruction of one vector, with lanes of type `$ty`; perhaps to lanes of another type.
macro_rules! unary {
    ($self:ident, $ty:ident, $method:ident) => {{
        let [operand] = $self.pop_lanes(types::$ty);
        $self.builder.ins().$method(operand)
    }};
    ($self:ident, $ty:ident, $method:ident => $to:ident) => {{
        let [operand] = $self.pop_lanes(types::$ty);
        $self.builder.ins().$method(types::$to, operand)
    }};
}

/// Builds an instruction of two vectors, with lanes of type `$ty`.
macro_rules! binary {
    ($self:ident, $ty:ident, $method:ident) => {{
        let [left, right] = $self.pop_lanes(types::$ty);
        $self.builder.ins().$method(left, right)
    }};
}

use {binary, unary};

impl Translator<'_, '_, '_> {
    /// Pushes the result of a vector operator, which may be a number.
    pub fn push_vector(&mut self, value: Value) {
        let value = match self.builder.func.dfg.value_type(value).is_vector() {
            true => self.as_lanes(value, types::I8X16),
            false => value,
        };
        self.stack.push(value);
    }

    /// Pops N vectors with lanes of this type; the last is the top of the stack.
    fn pop_lanes<const N: usize>(&mut self, ty: Type) -> [Value; N] {
        self.pop_n().map(|operand| self.as_lanes(operand, ty))
    }

    /// A vector with other lanes. Wasm numbers bytes and lanes as little-endian memory does, on every
    /// machine.
    pub(super) fn as_lanes(&mut self, vector: Value, ty: Type) -> Value {
        let dfg = &self.builder.func.dfg;
        if dfg.value_type(vector) == ty {
            return vector;
        }
        // x86-64 merges a load and an operator into one instruction if both have the same lanes.
        if self.unused_load == Some(vector) {
            self.unused_load = None;
            return self.builder.func.dfg.replace_result(vector, ty);
        }
        // Most vectors come from an operator on the same lanes: take what was there before the bitcast.
        if let Some(inst) = dfg.value_def(vector).inst() {
            match dfg.insts[inst] {
                InstructionData::LoadNoOffset { opcode: Opcode::Bitcast, arg, .. }
                    if dfg.value_type(arg) == ty =>
                {
                    return arg;
                }
                InstructionData::UnaryConst { opcode: Opcode::Vconst, constant_handle, .. } => {
                    return self.builder.ins().vconst(ty, constant_handle);
                }
                _ => {}
            }
        }
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(ty, flags, vector)
    }

    /// A vector known at compile time, by its bytes in memory.
    pub fn vector_constant(&mut self, bytes: [u8; 16], ty: Type) -> Value {
        let constant = self.builder.func.dfg.constants.insert(bytes.to_vec().into());
        self.builder.ins().vconst(ty, constant)
    }
}
