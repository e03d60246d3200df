//! Conversions between lanes of different widths and kinds.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::Operator;

use super::{Translator, binary, unary};

impl Translator<'_, '_, '_> {
    pub(super) fn vector_conversion(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I8x16NarrowI16x8S => binary!(self, I16X8, snarrow),
            O::I16x8NarrowI32x4S => binary!(self, I32X4, snarrow),
            O::I8x16NarrowI16x8U => binary!(self, I16X8, unarrow),
            O::I16x8NarrowI32x4U => binary!(self, I32X4, unarrow),
            O::I16x8ExtendLowI8x16S => unary!(self, I8X16, swiden_low),
            O::I32x4ExtendLowI16x8S => unary!(self, I16X8, swiden_low),
            O::I64x2ExtendLowI32x4S => unary!(self, I32X4, swiden_low),
            O::I16x8ExtendHighI8x16S => unary!(self, I8X16, swiden_high),
            O::I32x4ExtendHighI16x8S => unary!(self, I16X8, swiden_high),
            O::I64x2ExtendHighI32x4S => unary!(self, I32X4, swiden_high),
            O::I16x8ExtendLowI8x16U => unary!(self, I8X16, uwiden_low),
            O::I32x4ExtendLowI16x8U => unary!(self, I16X8, uwiden_low),
            O::I64x2ExtendLowI32x4U => unary!(self, I32X4, uwiden_low),
            O::I16x8ExtendHighI8x16U => unary!(self, I8X16, uwiden_high),
            O::I32x4ExtendHighI16x8U => unary!(self, I16X8, uwiden_high),
            O::I64x2ExtendHighI32x4U => unary!(self, I32X4, uwiden_high),
            O::F32x4DemoteF64x2Zero => unary!(self, F64X2, fvdemote),
            O::F64x2PromoteLowF32x4 => unary!(self, F32X4, fvpromote_low),
            O::I32x4TruncSatF32x4S => unary!(self, F32X4, fcvt_to_sint_sat => I32X4),
            O::I32x4TruncSatF32x4U => unary!(self, F32X4, fcvt_to_uint_sat => I32X4),
            O::I32x4TruncSatF64x2SZero => self.truncate_signed_with_zero(),
            O::I32x4TruncSatF64x2UZero => self.truncate_unsigned_with_zero(),
            O::F32x4ConvertI32x4S => unary!(self, I32X4, fcvt_from_sint => F32X4),
            O::F32x4ConvertI32x4U => unary!(self, I32X4, fcvt_from_uint => F32X4),
            O::F64x2ConvertLowI32x4S => {
                let wide = unary!(self, I32X4, swiden_low);
                self.builder.ins().fcvt_from_sint(types::F64X2, wide)
            }
            O::F64x2ConvertLowI32x4U => {
                let wide = unary!(self, I32X4, uwiden_low);
                self.builder.ins().fcvt_from_uint(types::F64X2, wide)
            }
            _ => return None,
        })
    }

    /// The upper half of the result is zero, here and below.
    pub(super) fn truncate_signed_with_zero(&mut self) -> Value {
        let integers = unary!(self, F64X2, fcvt_to_sint_sat => I64X2);
        self.narrow_with_zero(integers)
    }

    pub(super) fn truncate_unsigned_with_zero(&mut self) -> Value {
        let integers = unary!(self, F64X2, fcvt_to_uint_sat => I64X2);
        let zero = self.vector_constant([0; 16], types::I64X2);
        self.builder.ins().uunarrow(integers, zero)
    }

    pub(super) fn narrow_with_zero(&mut self, integers: Value) -> Value {
        let zero = self.vector_constant([0; 16], types::I64X2);
        self.builder.ins().snarrow(integers, zero)
    }
}
