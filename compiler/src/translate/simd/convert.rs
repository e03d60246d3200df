//! Conversions between lanes of different widths and kinds.

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::super::operator::operators;
use super::{Translator, binary, unary};

operators! { vector |t|
    I8x16NarrowI16x8S => binary!(t, I16X8, snarrow),
    I16x8NarrowI32x4S => binary!(t, I32X4, snarrow),
    I8x16NarrowI16x8U => binary!(t, I16X8, unarrow),
    I16x8NarrowI32x4U => binary!(t, I32X4, unarrow),
    I16x8ExtendLowI8x16S => unary!(t, I8X16, swiden_low),
    I32x4ExtendLowI16x8S => unary!(t, I16X8, swiden_low),
    I64x2ExtendLowI32x4S => unary!(t, I32X4, swiden_low),
    I16x8ExtendHighI8x16S => unary!(t, I8X16, swiden_high),
    I32x4ExtendHighI16x8S => unary!(t, I16X8, swiden_high),
    I64x2ExtendHighI32x4S => unary!(t, I32X4, swiden_high),
    I16x8ExtendLowI8x16U => unary!(t, I8X16, uwiden_low),
    I32x4ExtendLowI16x8U => unary!(t, I16X8, uwiden_low),
    I64x2ExtendLowI32x4U => unary!(t, I32X4, uwiden_low),
    I16x8ExtendHighI8x16U => unary!(t, I8X16, uwiden_high),
    I32x4ExtendHighI16x8U => unary!(t, I16X8, uwiden_high),
    I64x2ExtendHighI32x4U => unary!(t, I32X4, uwiden_high),
    F32x4DemoteF64x2Zero => unary!(t, F64X2, fvdemote),
    F64x2PromoteLowF32x4 => unary!(t, F32X4, fvpromote_low),
    I32x4TruncSatF32x4S => unary!(t, F32X4, fcvt_to_sint_sat => I32X4),
    I32x4TruncSatF32x4U => unary!(t, F32X4, fcvt_to_uint_sat => I32X4),
    I32x4TruncSatF64x2SZero => t.truncate_signed_with_zero(),
    I32x4TruncSatF64x2UZero => t.truncate_unsigned_with_zero(),
    F32x4ConvertI32x4S => unary!(t, I32X4, fcvt_from_sint => F32X4),
    F32x4ConvertI32x4U => unary!(t, I32X4, fcvt_from_uint => F32X4),
    F64x2ConvertLowI32x4S => {
        let wide = unary!(t, I32X4, swiden_low);
        t.builder.ins().fcvt_from_sint(types::F64X2, wide)
    },
    F64x2ConvertLowI32x4U => {
        let wide = unary!(t, I32X4, uwiden_low);
        t.builder.ins().fcvt_from_uint(types::F64X2, wide)
    },
}

impl Translator<'_, '_, '_> {
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
