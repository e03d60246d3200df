//! Arithmetic on float lanes.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use wasmparser::Operator;

use super::{Translator, binary, unary};

impl Translator<'_, '_, '_> {
    pub(super) fn vector_float(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::F32x4Ceil => unary!(self, F32X4, ceil),
            O::F64x2Ceil => unary!(self, F64X2, ceil),
            O::F32x4Floor => unary!(self, F32X4, floor),
            O::F64x2Floor => unary!(self, F64X2, floor),
            O::F32x4Trunc => unary!(self, F32X4, trunc),
            O::F64x2Trunc => unary!(self, F64X2, trunc),
            O::F32x4Nearest => unary!(self, F32X4, nearest),
            O::F64x2Nearest => unary!(self, F64X2, nearest),
            O::F32x4Abs => unary!(self, F32X4, fabs),
            O::F64x2Abs => unary!(self, F64X2, fabs),
            O::F32x4Neg => unary!(self, F32X4, fneg),
            O::F64x2Neg => unary!(self, F64X2, fneg),
            O::F32x4Sqrt => unary!(self, F32X4, sqrt),
            O::F64x2Sqrt => unary!(self, F64X2, sqrt),
            O::F32x4Add => binary!(self, F32X4, fadd),
            O::F64x2Add => binary!(self, F64X2, fadd),
            O::F32x4Sub => binary!(self, F32X4, fsub),
            O::F64x2Sub => binary!(self, F64X2, fsub),
            O::F32x4Mul => binary!(self, F32X4, fmul),
            O::F64x2Mul => binary!(self, F64X2, fmul),
            O::F32x4Div => binary!(self, F32X4, fdiv),
            O::F64x2Div => binary!(self, F64X2, fdiv),
            O::F32x4Min => binary!(self, F32X4, fmin),
            O::F64x2Min => binary!(self, F64X2, fmin),
            O::F32x4Max => binary!(self, F32X4, fmax),
            O::F64x2Max => binary!(self, F64X2, fmax),
            O::F32x4PMin => self.pseudo_minimum(types::F32X4),
            O::F64x2PMin => self.pseudo_minimum(types::F64X2),
            O::F32x4PMax => self.pseudo_maximum(types::F32X4),
            O::F64x2PMax => self.pseudo_maximum(types::F64X2),
            _ => return None,
        })
    }

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
