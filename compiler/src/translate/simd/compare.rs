//! Comparisons, bitwise operators, and tests of whole vectors.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, types};
use wasmparser::Operator;

use super::{Translator, binary, unary};

impl Translator<'_, '_, '_> {
    pub(super) fn vector_comparison(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I8x16Eq => self.compare_integers(types::I8X16, IntCC::Equal),
            O::I8x16Ne => self.compare_integers(types::I8X16, IntCC::NotEqual),
            O::I8x16LtS => self.compare_integers(types::I8X16, IntCC::SignedLessThan),
            O::I8x16LtU => self.compare_integers(types::I8X16, IntCC::UnsignedLessThan),
            O::I8x16GtS => self.compare_integers(types::I8X16, IntCC::SignedGreaterThan),
            O::I8x16GtU => self.compare_integers(types::I8X16, IntCC::UnsignedGreaterThan),
            O::I8x16LeS => self.compare_integers(types::I8X16, IntCC::SignedLessThanOrEqual),
            O::I8x16LeU => self.compare_integers(types::I8X16, IntCC::UnsignedLessThanOrEqual),
            O::I8x16GeS => self.compare_integers(types::I8X16, IntCC::SignedGreaterThanOrEqual),
            O::I8x16GeU => self.compare_integers(types::I8X16, IntCC::UnsignedGreaterThanOrEqual),
            O::I16x8Eq => self.compare_integers(types::I16X8, IntCC::Equal),
            O::I16x8Ne => self.compare_integers(types::I16X8, IntCC::NotEqual),
            O::I16x8LtS => self.compare_integers(types::I16X8, IntCC::SignedLessThan),
            O::I16x8LtU => self.compare_integers(types::I16X8, IntCC::UnsignedLessThan),
            O::I16x8GtS => self.compare_integers(types::I16X8, IntCC::SignedGreaterThan),
            O::I16x8GtU => self.compare_integers(types::I16X8, IntCC::UnsignedGreaterThan),
            O::I16x8LeS => self.compare_integers(types::I16X8, IntCC::SignedLessThanOrEqual),
            O::I16x8LeU => self.compare_integers(types::I16X8, IntCC::UnsignedLessThanOrEqual),
            O::I16x8GeS => self.compare_integers(types::I16X8, IntCC::SignedGreaterThanOrEqual),
            O::I16x8GeU => self.compare_integers(types::I16X8, IntCC::UnsignedGreaterThanOrEqual),
            O::I32x4Eq => self.compare_integers(types::I32X4, IntCC::Equal),
            O::I32x4Ne => self.compare_integers(types::I32X4, IntCC::NotEqual),
            O::I32x4LtS => self.compare_integers(types::I32X4, IntCC::SignedLessThan),
            O::I32x4LtU => self.compare_integers(types::I32X4, IntCC::UnsignedLessThan),
            O::I32x4GtS => self.compare_integers(types::I32X4, IntCC::SignedGreaterThan),
            O::I32x4GtU => self.compare_integers(types::I32X4, IntCC::UnsignedGreaterThan),
            O::I32x4LeS => self.compare_integers(types::I32X4, IntCC::SignedLessThanOrEqual),
            O::I32x4LeU => self.compare_integers(types::I32X4, IntCC::UnsignedLessThanOrEqual),
            O::I32x4GeS => self.compare_integers(types::I32X4, IntCC::SignedGreaterThanOrEqual),
            O::I32x4GeU => self.compare_integers(types::I32X4, IntCC::UnsignedGreaterThanOrEqual),
            O::I64x2Eq => self.compare_integers(types::I64X2, IntCC::Equal),
            O::I64x2Ne => self.compare_integers(types::I64X2, IntCC::NotEqual),
            O::I64x2LtS => self.compare_integers(types::I64X2, IntCC::SignedLessThan),
            O::I64x2GtS => self.compare_integers(types::I64X2, IntCC::SignedGreaterThan),
            O::I64x2LeS => self.compare_integers(types::I64X2, IntCC::SignedLessThanOrEqual),
            O::I64x2GeS => self.compare_integers(types::I64X2, IntCC::SignedGreaterThanOrEqual),
            O::F32x4Eq => self.compare_floats(types::F32X4, FloatCC::Equal),
            O::F32x4Ne => self.compare_floats(types::F32X4, FloatCC::NotEqual),
            O::F32x4Lt => self.compare_floats(types::F32X4, FloatCC::LessThan),
            O::F32x4Gt => self.compare_floats(types::F32X4, FloatCC::GreaterThan),
            O::F32x4Le => self.compare_floats(types::F32X4, FloatCC::LessThanOrEqual),
            O::F32x4Ge => self.compare_floats(types::F32X4, FloatCC::GreaterThanOrEqual),
            O::F64x2Eq => self.compare_floats(types::F64X2, FloatCC::Equal),
            O::F64x2Ne => self.compare_floats(types::F64X2, FloatCC::NotEqual),
            O::F64x2Lt => self.compare_floats(types::F64X2, FloatCC::LessThan),
            O::F64x2Gt => self.compare_floats(types::F64X2, FloatCC::GreaterThan),
            O::F64x2Le => self.compare_floats(types::F64X2, FloatCC::LessThanOrEqual),
            O::F64x2Ge => self.compare_floats(types::F64X2, FloatCC::GreaterThanOrEqual),
            _ => return None,
        })
    }

    pub(super) fn vector_bitwise(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::V128Not => unary!(self, I8X16, bnot),
            O::V128And => binary!(self, I8X16, band),
            O::V128Or => binary!(self, I8X16, bor),
            O::V128Xor => binary!(self, I8X16, bxor),
            O::V128AndNot => {
                let [left, right] = self.pop_lanes(types::I8X16);
                let right = self.builder.ins().bnot(right);
                self.builder.ins().band(left, right)
            }
            O::V128Bitselect => self.bitselect(),
            O::V128AnyTrue => {
                let result = unary!(self, I8X16, vany_true);
                self.builder.ins().uextend(types::I32, result)
            }
            O::I8x16AllTrue => self.all_true(types::I8X16),
            O::I16x8AllTrue => self.all_true(types::I16X8),
            O::I32x4AllTrue => self.all_true(types::I32X4),
            O::I64x2AllTrue => self.all_true(types::I64X2),
            O::I8x16Bitmask => self.bitmask(types::I8X16),
            O::I16x8Bitmask => self.bitmask(types::I16X8),
            O::I32x4Bitmask => self.bitmask(types::I32X4),
            O::I64x2Bitmask => self.bitmask(types::I64X2),
            _ => return None,
        })
    }

    /// The result has integer lanes: all ones or all zeroes.
    fn compare_integers(&mut self, ty: Type, condition: IntCC) -> Value {
        let [left, right] = self.pop_lanes(ty);
        self.builder.ins().icmp(condition, left, right)
    }

    fn compare_floats(&mut self, ty: Type, condition: FloatCC) -> Value {
        let [left, right] = self.pop_lanes(ty);
        self.builder.ins().fcmp(condition, left, right)
    }

    /// If the mask is the result of a comparison, whole lanes are selected: done with lanes of its type,
    /// that is one instruction on x86-64.
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
