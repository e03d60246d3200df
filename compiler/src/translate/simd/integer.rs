//! Arithmetic on integer lanes.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

use super::super::operator::operators;
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

/// Builds a shift of all lanes by an i32, modulo the width of a lane.
macro_rules! shift {
    ($t:ident, $ty:ident, $method:ident) => {{
        let amount = $t.pop();
        let [vector] = $t.pop_lanes(types::$ty);
        $t.builder.ins().$method(vector, amount)
    }};
}

// Operators whose result has the lanes of the operands.
operators! { vector |t|
    I8x16Abs => unary!(t, I8X16, iabs),
    I16x8Abs => unary!(t, I16X8, iabs),
    I32x4Abs => unary!(t, I32X4, iabs),
    I64x2Abs => unary!(t, I64X2, iabs),
    I8x16Neg => unary!(t, I8X16, ineg),
    I16x8Neg => unary!(t, I16X8, ineg),
    I32x4Neg => unary!(t, I32X4, ineg),
    I64x2Neg => unary!(t, I64X2, ineg),
    I8x16Popcnt => unary!(t, I8X16, popcnt),
    I8x16Add => binary!(t, I8X16, iadd),
    I16x8Add => binary!(t, I16X8, iadd),
    I32x4Add => binary!(t, I32X4, iadd),
    I64x2Add => binary!(t, I64X2, iadd),
    I8x16Sub => binary!(t, I8X16, isub),
    I16x8Sub => binary!(t, I16X8, isub),
    I32x4Sub => binary!(t, I32X4, isub),
    I64x2Sub => binary!(t, I64X2, isub),
    I16x8Mul => binary!(t, I16X8, imul),
    I32x4Mul => binary!(t, I32X4, imul),
    I64x2Mul => binary!(t, I64X2, imul),
    I8x16AddSatS => binary!(t, I8X16, sadd_sat),
    I16x8AddSatS => binary!(t, I16X8, sadd_sat),
    I8x16AddSatU => binary!(t, I8X16, uadd_sat),
    I16x8AddSatU => binary!(t, I16X8, uadd_sat),
    I8x16SubSatS => binary!(t, I8X16, ssub_sat),
    I16x8SubSatS => binary!(t, I16X8, ssub_sat),
    I8x16SubSatU => binary!(t, I8X16, usub_sat),
    I16x8SubSatU => binary!(t, I16X8, usub_sat),
    I8x16MinS => binary!(t, I8X16, smin),
    I16x8MinS => binary!(t, I16X8, smin),
    I32x4MinS => binary!(t, I32X4, smin),
    I8x16MinU => binary!(t, I8X16, umin),
    I16x8MinU => binary!(t, I16X8, umin),
    I32x4MinU => binary!(t, I32X4, umin),
    I8x16MaxS => binary!(t, I8X16, smax),
    I16x8MaxS => binary!(t, I16X8, smax),
    I32x4MaxS => binary!(t, I32X4, smax),
    I8x16MaxU => binary!(t, I8X16, umax),
    I16x8MaxU => binary!(t, I16X8, umax),
    I32x4MaxU => binary!(t, I32X4, umax),
    I8x16AvgrU => binary!(t, I8X16, avg_round),
    I16x8AvgrU => binary!(t, I16X8, avg_round),
    I16x8Q15MulrSatS => binary!(t, I16X8, sqmul_round_sat),
}

operators! { vector |t|
    I8x16Shl => shift!(t, I8X16, ishl),
    I16x8Shl => shift!(t, I16X8, ishl),
    I32x4Shl => shift!(t, I32X4, ishl),
    I64x2Shl => shift!(t, I64X2, ishl),
    I8x16ShrS => shift!(t, I8X16, sshr),
    I16x8ShrS => shift!(t, I16X8, sshr),
    I32x4ShrS => shift!(t, I32X4, sshr),
    I64x2ShrS => shift!(t, I64X2, sshr),
    I8x16ShrU => shift!(t, I8X16, ushr),
    I16x8ShrU => shift!(t, I16X8, ushr),
    I32x4ShrU => shift!(t, I32X4, ushr),
    I64x2ShrU => shift!(t, I64X2, ushr),
}

// Operators whose result has lanes of twice the width.
operators! { vector |t|
    I16x8ExtMulLowI8x16S => t.extended_product(types::I8X16, SignedLow),
    I32x4ExtMulLowI16x8S => t.extended_product(types::I16X8, SignedLow),
    I64x2ExtMulLowI32x4S => t.extended_product(types::I32X4, SignedLow),
    I16x8ExtMulHighI8x16S => t.extended_product(types::I8X16, SignedHigh),
    I32x4ExtMulHighI16x8S => t.extended_product(types::I16X8, SignedHigh),
    I64x2ExtMulHighI32x4S => t.extended_product(types::I32X4, SignedHigh),
    I16x8ExtMulLowI8x16U => t.extended_product(types::I8X16, UnsignedLow),
    I32x4ExtMulLowI16x8U => t.extended_product(types::I16X8, UnsignedLow),
    I64x2ExtMulLowI32x4U => t.extended_product(types::I32X4, UnsignedLow),
    I16x8ExtMulHighI8x16U => t.extended_product(types::I8X16, UnsignedHigh),
    I32x4ExtMulHighI16x8U => t.extended_product(types::I16X8, UnsignedHigh),
    I64x2ExtMulHighI32x4U => t.extended_product(types::I32X4, UnsignedHigh),
    I16x8ExtAddPairwiseI8x16S => t.extended_sum(types::I8X16, [SignedLow, SignedHigh]),
    I32x4ExtAddPairwiseI16x8S => t.extended_sum(types::I16X8, [SignedLow, SignedHigh]),
    I16x8ExtAddPairwiseI8x16U => t.extended_sum(types::I8X16, [UnsignedLow, UnsignedHigh]),
    I32x4ExtAddPairwiseI16x8U => t.extended_sum(types::I16X8, [UnsignedLow, UnsignedHigh]),
    I32x4DotI16x8S => {
        let [left, right] = t.pop_lanes(types::I16X8);
        let low = t.widen_multiply([left, right], [SignedLow; 2]);
        let high = t.widen_multiply([left, right], [SignedHigh; 2]);
        t.builder.ins().iadd_pairwise(low, high)
    },
}

impl Translator<'_, '_, '_> {
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
