//! Arithmetic on float lanes.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

use super::super::operator::operators;
use super::{Translator, binary, unary};

operators! { vector |t|
    F32x4Ceil => unary!(t, F32X4, ceil),
    F64x2Ceil => unary!(t, F64X2, ceil),
    F32x4Floor => unary!(t, F32X4, floor),
    F64x2Floor => unary!(t, F64X2, floor),
    F32x4Trunc => unary!(t, F32X4, trunc),
    F64x2Trunc => unary!(t, F64X2, trunc),
    F32x4Nearest => unary!(t, F32X4, nearest),
    F64x2Nearest => unary!(t, F64X2, nearest),
    F32x4Abs => unary!(t, F32X4, fabs),
    F64x2Abs => unary!(t, F64X2, fabs),
    F32x4Neg => unary!(t, F32X4, fneg),
    F64x2Neg => unary!(t, F64X2, fneg),
    F32x4Sqrt => unary!(t, F32X4, sqrt),
    F64x2Sqrt => unary!(t, F64X2, sqrt),
    F32x4Add => binary!(t, F32X4, fadd),
    F64x2Add => binary!(t, F64X2, fadd),
    F32x4Sub => binary!(t, F32X4, fsub),
    F64x2Sub => binary!(t, F64X2, fsub),
    F32x4Mul => binary!(t, F32X4, fmul),
    F64x2Mul => binary!(t, F64X2, fmul),
    F32x4Div => binary!(t, F32X4, fdiv),
    F64x2Div => binary!(t, F64X2, fdiv),
    F32x4Min => binary!(t, F32X4, fmin),
    F64x2Min => binary!(t, F64X2, fmin),
    F32x4Max => binary!(t, F32X4, fmax),
    F64x2Max => binary!(t, F64X2, fmax),
    F32x4PMin => t.pseudo_minimum(types::F32X4),
    F64x2PMin => t.pseudo_minimum(types::F64X2),
    F32x4PMax => t.pseudo_maximum(types::F32X4),
    F64x2PMax => t.pseudo_maximum(types::F64X2),
}

impl Translator<'_, '_, '_> {
    /// `right < left ? right : left`: on x86-64 one instruction, with just these operands.
    pub(super) fn pseudo_minimum(&mut self, ty: Type) -> Value {
        let [left, right] = self.pop_lanes(ty);
        let less = self.builder.ins().fcmp(FloatCC::LessThan, right, left);
        let less = self.as_lanes(less, ty);
        self.builder.ins().bitselect(less, right, left)
    }

    /// `left < right ? right : left`.
    pub(super) fn pseudo_maximum(&mut self, ty: Type) -> Value {
        let [left, right] = self.pop_lanes(ty);
        let less = self.builder.ins().fcmp(FloatCC::LessThan, left, right);
        let less = self.as_lanes(less, ty);
        self.builder.ins().bitselect(less, right, left)
    }
}
