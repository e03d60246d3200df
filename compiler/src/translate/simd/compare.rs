//! Comparisons, bitwise operators, and tests of whole vectors.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, types};

use super::super::operator::operators;
use super::{Translator, binary, unary};

operators! { vector |t|
    I8x16Eq => t.compare_integers(types::I8X16, IntCC::Equal),
    I8x16Ne => t.compare_integers(types::I8X16, IntCC::NotEqual),
    I8x16LtS => t.compare_integers(types::I8X16, IntCC::SignedLessThan),
    I8x16LtU => t.compare_integers(types::I8X16, IntCC::UnsignedLessThan),
    I8x16GtS => t.compare_integers(types::I8X16, IntCC::SignedGreaterThan),
    I8x16GtU => t.compare_integers(types::I8X16, IntCC::UnsignedGreaterThan),
    I8x16LeS => t.compare_integers(types::I8X16, IntCC::SignedLessThanOrEqual),
    I8x16LeU => t.compare_integers(types::I8X16, IntCC::UnsignedLessThanOrEqual),
    I8x16GeS => t.compare_integers(types::I8X16, IntCC::SignedGreaterThanOrEqual),
    I8x16GeU => t.compare_integers(types::I8X16, IntCC::UnsignedGreaterThanOrEqual),
    I16x8Eq => t.compare_integers(types::I16X8, IntCC::Equal),
    I16x8Ne => t.compare_integers(types::I16X8, IntCC::NotEqual),
    I16x8LtS => t.compare_integers(types::I16X8, IntCC::SignedLessThan),
    I16x8LtU => t.compare_integers(types::I16X8, IntCC::UnsignedLessThan),
    I16x8GtS => t.compare_integers(types::I16X8, IntCC::SignedGreaterThan),
    I16x8GtU => t.compare_integers(types::I16X8, IntCC::UnsignedGreaterThan),
    I16x8LeS => t.compare_integers(types::I16X8, IntCC::SignedLessThanOrEqual),
    I16x8LeU => t.compare_integers(types::I16X8, IntCC::UnsignedLessThanOrEqual),
    I16x8GeS => t.compare_integers(types::I16X8, IntCC::SignedGreaterThanOrEqual),
    I16x8GeU => t.compare_integers(types::I16X8, IntCC::UnsignedGreaterThanOrEqual),
    I32x4Eq => t.compare_integers(types::I32X4, IntCC::Equal),
    I32x4Ne => t.compare_integers(types::I32X4, IntCC::NotEqual),
    I32x4LtS => t.compare_integers(types::I32X4, IntCC::SignedLessThan),
    I32x4LtU => t.compare_integers(types::I32X4, IntCC::UnsignedLessThan),
    I32x4GtS => t.compare_integers(types::I32X4, IntCC::SignedGreaterThan),
    I32x4GtU => t.compare_integers(types::I32X4, IntCC::UnsignedGreaterThan),
    I32x4LeS => t.compare_integers(types::I32X4, IntCC::SignedLessThanOrEqual),
    I32x4LeU => t.compare_integers(types::I32X4, IntCC::UnsignedLessThanOrEqual),
    I32x4GeS => t.compare_integers(types::I32X4, IntCC::SignedGreaterThanOrEqual),
    I32x4GeU => t.compare_integers(types::I32X4, IntCC::UnsignedGreaterThanOrEqual),
    I64x2Eq => t.compare_integers(types::I64X2, IntCC::Equal),
    I64x2Ne => t.compare_integers(types::I64X2, IntCC::NotEqual),
    I64x2LtS => t.compare_integers(types::I64X2, IntCC::SignedLessThan),
    I64x2GtS => t.compare_integers(types::I64X2, IntCC::SignedGreaterThan),
    I64x2LeS => t.compare_integers(types::I64X2, IntCC::SignedLessThanOrEqual),
    I64x2GeS => t.compare_integers(types::I64X2, IntCC::SignedGreaterThanOrEqual),
    F32x4Eq => t.compare_floats(types::F32X4, FloatCC::Equal),
    F32x4Ne => t.compare_floats(types::F32X4, FloatCC::NotEqual),
    F32x4Lt => t.compare_floats(types::F32X4, FloatCC::LessThan),
    F32x4Gt => t.compare_floats(types::F32X4, FloatCC::GreaterThan),
    F32x4Le => t.compare_floats(types::F32X4, FloatCC::LessThanOrEqual),
    F32x4Ge => t.compare_floats(types::F32X4, FloatCC::GreaterThanOrEqual),
    F64x2Eq => t.compare_floats(types::F64X2, FloatCC::Equal),
    F64x2Ne => t.compare_floats(types::F64X2, FloatCC::NotEqual),
    F64x2Lt => t.compare_floats(types::F64X2, FloatCC::LessThan),
    F64x2Gt => t.compare_floats(types::F64X2, FloatCC::GreaterThan),
    F64x2Le => t.compare_floats(types::F64X2, FloatCC::LessThanOrEqual),
    F64x2Ge => t.compare_floats(types::F64X2, FloatCC::GreaterThanOrEqual),
}

operators! { vector |t|
    V128Not => unary!(t, I8X16, bnot),
    V128And => binary!(t, I8X16, band),
    V128Or => binary!(t, I8X16, bor),
    V128Xor => binary!(t, I8X16, bxor),
    V128AndNot => {
        let [left, right] = t.pop_lanes(types::I8X16);
        let right = t.builder.ins().bnot(right);
        t.builder.ins().band(left, right)
    },
    V128Bitselect => t.bitselect(),
    V128AnyTrue => {
        let result = unary!(t, I8X16, vany_true);
        t.builder.ins().uextend(types::I32, result)
    },
    I8x16AllTrue => t.all_true(types::I8X16),
    I16x8AllTrue => t.all_true(types::I16X8),
    I32x4AllTrue => t.all_true(types::I32X4),
    I64x2AllTrue => t.all_true(types::I64X2),
    I8x16Bitmask => t.bitmask(types::I8X16),
    I16x8Bitmask => t.bitmask(types::I16X8),
    I32x4Bitmask => t.bitmask(types::I32X4),
    I64x2Bitmask => t.bitmask(types::I64X2),
}

impl Translator<'_, '_, '_> {
    /// The result has integer lanes: all ones or all zeroes.
    fn compare_integers(&mut self, ty: Type, condition: IntCC) -> Value {
        let [left, right] = self.pop_lanes(ty);
        self.builder.ins().icmp(condition, left, right)
    }

    fn compare_floats(&mut self, ty: Type, condition: FloatCC) -> Value {
        let [left, right] = self.pop_lanes(ty);
        self.builder.ins().fcmp(condition, left, right)
    }

    /// If the mask is the result of a comparison, whole lanes are selected, which takes one instruction on
    /// x86-64 if done with lanes of the mask's type.
    fn bitselect(&mut self) -> Value {
        let [first, second, mask] = self.pop_n();
        let dfg = &self.builder.func.dfg;
        let ty = match dfg.value_def(mask).inst().map(|inst| dfg.insts[inst]) {
            Some(InstructionData::LoadNoOffset { opcode: Opcode::Bitcast, arg, .. })
                if dfg.value_type(arg).lane_type().is_int() =>
            {
                dfg.value_type(arg)
            }
            _ => types::I8X16,
        };
        let [first, second, mask] = [first, second, mask].map(|operand| self.as_lanes(operand, ty));
        self.builder.ins().bitselect(mask, first, second)
    }

    fn all_true(&mut self, ty: Type) -> Value {
        let [vector] = self.pop_lanes(ty);
        let result = self.builder.ins().vall_true(vector);
        self.builder.ins().uextend(types::I32, result)
    }

    fn bitmask(&mut self, ty: Type) -> Value {
        let [vector] = self.pop_lanes(ty);
        self.builder.ins().vhigh_bits(types::I32, vector)
    }
}
