//! Arithmetic on integer lanes.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use wasmparser::Operator;

use super::{Translator, binary, unary};

/// How the lanes of half a vector become twice as wide.
#[derive(Clone, Copy)]
pub(super) enum Widen {
    SignedLow,
    SignedHigh,
    UnsignedLow,
    UnsignedHigh,
}

use Widen::{SignedHigh, SignedLow, UnsignedHigh, UnsignedLow};

impl Translator<'_, '_, '_> {
    pub(super) fn vector_integer(&mut self, op: &Operator<'_>) -> Option<Value> {
        self.integer_lanes(op).or_else(|| self.vector_shift(op)).or_else(|| self.widening_arithmetic(op))
    }

    /// Operators whose result has the lanes of the operands.
    fn integer_lanes(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I8x16Abs => unary!(self, I8X16, iabs),
            O::I16x8Abs => unary!(self, I16X8, iabs),
            O::I32x4Abs => unary!(self, I32X4, iabs),
            O::I64x2Abs => unary!(self, I64X2, iabs),
            O::I8x16Neg => unary!(self, I8X16, ineg),
            O::I16x8Neg => unary!(self, I16X8, ineg),
            O::I32x4Neg => unary!(self, I32X4, ineg),
            O::I64x2Neg => unary!(self, I64X2, ineg),
            O::I8x16Popcnt => unary!(self, I8X16, popcnt),
            O::I8x16Add => binary!(self, I8X16, iadd),
            O::I16x8Add => binary!(self, I16X8, iadd),
            O::I32x4Add => binary!(self, I32X4, iadd),
            O::I64x2Add => binary!(self, I64X2, iadd),
            O::I8x16Sub => binary!(self, I8X16, isub),
            O::I16x8Sub => binary!(self, I16X8, isub),
            O::I32x4Sub => binary!(self, I32X4, isub),
            O::I64x2Sub => binary!(self, I64X2, isub),
            O::I16x8Mul => binary!(self, I16X8, imul),
            O::I32x4Mul => binary!(self, I32X4, imul),
            O::I64x2Mul => binary!(self, I64X2, imul),
            O::I8x16AddSatS => binary!(self, I8X16, sadd_sat),
            O::I16x8AddSatS => binary!(self, I16X8, sadd_sat),
            O::I8x16AddSatU => binary!(self, I8X16, uadd_sat),
            O::I16x8AddSatU => binary!(self, I16X8, uadd_sat),
            O::I8x16SubSatS => binary!(self, I8X16, ssub_sat),
            O::I16x8SubSatS => binary!(self, I16X8, ssub_sat),
            O::I8x16SubSatU => binary!(self, I8X16, usub_sat),
            O::I16x8SubSatU => binary!(self, I16X8, usub_sat),
            O::I8x16MinS => binary!(self, I8X16, smin),
            O::I16x8MinS => binary!(self, I16X8, smin),
            O::I32x4MinS => binary!(self, I32X4, smin),
            O::I8x16MinU => binary!(self, I8X16, umin),
            O::I16x8MinU => binary!(self, I16X8, umin),
            O::I32x4MinU => binary!(self, I32X4, umin),
            O::I8x16MaxS => binary!(self, I8X16, smax),
            O::I16x8MaxS => binary!(self, I16X8, smax),
            O::I32x4MaxS => binary!(self, I32X4, smax),
            O::I8x16MaxU => binary!(self, I8X16, umax),
            O::I16x8MaxU => binary!(self, I16X8, umax),
            O::I32x4MaxU => binary!(self, I32X4, umax),
            O::I8x16AvgrU => binary!(self, I8X16, avg_round),
            O::I16x8AvgrU => binary!(self, I16X8, avg_round),
            O::I16x8Q15MulrSatS => binary!(self, I16X8, sqmul_round_sat),
            _ => return None,
        })
    }

    fn vector_shift(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        /// Builds a shift of all lanes by an i32, modulo the width of a lane.
        macro_rules! shift {
            ($ty:ident, $method:ident) => {{
                let amount = self.pop();
                let [vector] = self.pop_lanes(types::$ty);
                self.builder.ins().$method(vector, amount)
            }};
        }
        Some(match op {
            O::I8x16Shl => shift!(I8X16, ishl),
            O::I16x8Shl => shift!(I16X8, ishl),
            O::I32x4Shl => shift!(I32X4, ishl),
            O::I64x2Shl => shift!(I64X2, ishl),
            O::I8x16ShrS => shift!(I8X16, sshr),
            O::I16x8ShrS => shift!(I16X8, sshr),
            O::I32x4ShrS => shift!(I32X4, sshr),
            O::I64x2ShrS => shift!(I64X2, sshr),
            O::I8x16ShrU => shift!(I8X16, ushr),
            O::I16x8ShrU => shift!(I16X8, ushr),
            O::I32x4ShrU => shift!(I32X4, ushr),
            O::I64x2ShrU => shift!(I64X2, ushr),
            _ => return None,
        })
    }

    /// Operators whose result has lanes of twice the width.
    fn widening_arithmetic(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I16x8ExtMulLowI8x16S => self.extended_product(types::I8X16, SignedLow),
            O::I32x4ExtMulLowI16x8S => self.extended_product(types::I16X8, SignedLow),
            O::I64x2ExtMulLowI32x4S => self.extended_product(types::I32X4, SignedLow),
            O::I16x8ExtMulHighI8x16S => self.extended_product(types::I8X16, SignedHigh),
            O::I32x4ExtMulHighI16x8S => self.extended_product(types::I16X8, SignedHigh),
            O::I64x2ExtMulHighI32x4S => self.extended_product(types::I32X4, SignedHigh),
            O::I16x8ExtMulLowI8x16U => self.extended_product(types::I8X16, UnsignedLow),
            O::I32x4ExtMulLowI16x8U => self.extended_product(types::I16X8, UnsignedLow),
            O::I64x2ExtMulLowI32x4U => self.extended_product(types::I32X4, UnsignedLow),
            O::I16x8ExtMulHighI8x16U => self.extended_product(types::I8X16, UnsignedHigh),
            O::I32x4ExtMulHighI16x8U => self.extended_product(types::I16X8, UnsignedHigh),
            O::I64x2ExtMulHighI32x4U => self.extended_product(types::I32X4, UnsignedHigh),
            O::I16x8ExtAddPairwiseI8x16S => self.extended_sum(types::I8X16, [SignedLow, SignedHigh]),
            O::I32x4ExtAddPairwiseI16x8S => self.extended_sum(types::I16X8, [SignedLow, SignedHigh]),
            O::I16x8ExtAddPairwiseI8x16U => self.extended_sum(types::I8X16, [UnsignedLow, UnsignedHigh]),
            O::I32x4ExtAddPairwiseI16x8U => self.extended_sum(types::I16X8, [UnsignedLow, UnsignedHigh]),
            O::I32x4DotI16x8S => {
                let [left, right] = self.pop_lanes(types::I16X8);
                let low = self.widen_multiply([left, right], [SignedLow; 2]);
                let high = self.widen_multiply([left, right], [SignedHigh; 2]);
                self.builder.ins().iadd_pairwise(low, high)
            }
            _ => return None,
        })
    }

    fn extended_product(&mut self, ty: Type, how: Widen) -> Value {
        let operands = self.pop_lanes(ty);
        self.widen_multiply(operands, [how; 2])
    }

    fn extended_sum(&mut self, ty: Type, halves: [Widen; 2]) -> Value {
        let [vector] = self.pop_lanes(ty);
        let [low, high] = halves.map(|how| self.widen(vector, how));
        self.builder.ins().iadd_pairwise(low, high)
    }

    /// The products of the lanes of a half, in twice their width.
    pub(super) fn widen_multiply(&mut self, operands: [Value; 2], how: [Widen; 2]) -> Value {
        let left = self.widen(operands[0], how[0]);
        let right = self.widen(operands[1], how[1]);
        self.builder.ins().imul(left, right)
    }

    pub(super) fn widen(&mut self, vector: Value, how: Widen) -> Value {
        match how {
            SignedLow => self.builder.ins().swiden_low(vector),
            SignedHigh => self.builder.ins().swiden_high(vector),
            UnsignedLow => self.builder.ins().uwiden_low(vector),
            UnsignedHigh => self.builder.ins().uwiden_high(vector),
        }
    }
}
