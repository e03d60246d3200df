//! Relaxed SIMD: operators whose results may depend on the machine. By default each is what the
//! target's CPU does fastest; with `--relaxed-simd-deterministic` the results are those of the
//! specification's deterministic profile, on every machine.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use target_lexicon::Architecture;

use super::super::operator::operators;
use super::integer::Widen::{SignedHigh, SignedLow, UnsignedHigh, UnsignedLow};
use super::{Translator, binary, unary};

operators! { vector |t|
    I8x16RelaxedSwizzle => match t.relaxed_for(t.isa.has_x86_pshufb_lowering()) {
        true => binary!(t, I8X16, x86_pshufb),
        false => binary!(t, I8X16, swizzle),
    },
    I32x4RelaxedTruncF32x4S => match t.relaxed_for(t.is_x86()) {
        true => unary!(t, F32X4, x86_cvtt2dq => I32X4),
        false => unary!(t, F32X4, fcvt_to_sint_sat => I32X4),
    },
    I32x4RelaxedTruncF32x4U => unary!(t, F32X4, fcvt_to_uint_sat => I32X4),
    I32x4RelaxedTruncF64x2SZero => match t.relaxed_for(t.is_x86()) {
        true => {
            let integers = unary!(t, F64X2, x86_cvtt2dq => I64X2);
            t.narrow_with_zero(integers)
        },
        false => t.truncate_signed_with_zero(),
    },
    I32x4RelaxedTruncF64x2UZero => t.truncate_unsigned_with_zero(),
    F32x4RelaxedMadd => t.multiply_add(types::F32X4, false),
    F64x2RelaxedMadd => t.multiply_add(types::F64X2, false),
    F32x4RelaxedNmadd => t.multiply_add(types::F32X4, true),
    F64x2RelaxedNmadd => t.multiply_add(types::F64X2, true),
    I8x16RelaxedLaneselect => t.lane_select(types::I8X16),
    I16x8RelaxedLaneselect => t.lane_select(types::I16X8),
    I32x4RelaxedLaneselect => t.lane_select(types::I32X4),
    I64x2RelaxedLaneselect => t.lane_select(types::I64X2),
    F32x4RelaxedMin => match t.relaxed_for(t.is_x86()) {
        true => t.pseudo_minimum(types::F32X4),
        false => binary!(t, F32X4, fmin),
    },
    F64x2RelaxedMin => match t.relaxed_for(t.is_x86()) {
        true => t.pseudo_minimum(types::F64X2),
        false => binary!(t, F64X2, fmin),
    },
    F32x4RelaxedMax => match t.relaxed_for(t.is_x86()) {
        true => t.pseudo_maximum(types::F32X4),
        false => binary!(t, F32X4, fmax),
    },
    F64x2RelaxedMax => match t.relaxed_for(t.is_x86()) {
        true => t.pseudo_maximum(types::F64X2),
        false => binary!(t, F64X2, fmax),
    },
    I16x8RelaxedQ15mulrS => match t.relaxed_for(t.isa.has_x86_pmulhrsw_lowering()) {
        true => binary!(t, I16X8, x86_pmulhrsw),
        false => binary!(t, I16X8, sqmul_round_sat),
    },
    I16x8RelaxedDotI8x16I7x16S => {
        let operands = t.pop_lanes(types::I8X16);
        t.dot(operands)
    },
    I32x4RelaxedDotI8x16I7x16AddS => t.dot_add(),
}

impl Translator<'_, '_, '_> {
    /// Whether a result may differ, and this CPU has an instruction that benefits from that.
    fn relaxed_for(&self, gains: bool) -> bool {
        gains && !self.env.options.relaxed_simd_deterministic
    }

    fn is_x86(&self) -> bool {
        matches!(self.isa.triple().architecture, Architecture::X86_64)
    }

    /// Whether the CPU has the feature behind this setting of Cranelift.
    fn has_cpu_setting(&self, name: &str) -> bool {
        self.isa.isa_flags().iter().any(|flag| flag.name == name && flag.as_bool() == Some(true))
    }

    /// `left * right + addend`, fused; with two roundings if the CPU can't fuse and fusing isn't required.
    fn multiply_add(&mut self, ty: Type, negate: bool) -> Value {
        let [mut left, right, addend] = self.pop_lanes(ty);
        if negate {
            left = self.builder.ins().fneg(left);
        }
        if self.relaxed_for(!self.isa.has_native_fma()) {
            let product = self.builder.ins().fmul(left, right);
            return self.builder.ins().fadd(product, addend);
        }
        self.builder.ins().fma(left, right, addend)
    }

    fn lane_select(&mut self, ty: Type) -> Value {
        let [first, second, mask] = self.pop_lanes(ty);
        if self.relaxed_for(self.isa.has_blendv_lowering(ty)) {
            self.builder.ins().blendv(mask, first, second)
        } else {
            self.builder.ins().bitselect(mask, first, second)
        }
    }

    /// Sums of two products each, in 16 bits.
    fn dot(&mut self, [left, right]: [Value; 2]) -> Value {
        if self.relaxed_for(self.isa.has_x86_pmaddubsw_lowering()) {
            return self.builder.ins().x86_pmaddubsw(left, right);
        }
        let low = self.widen_multiply([left, right], [SignedLow; 2]);
        let high = self.widen_multiply([left, right], [SignedHigh; 2]);
        self.builder.ins().iadd_pairwise(low, high)
    }

    /// Sums of four products each, in 32 bits, added to a third operand.
    fn dot_add(&mut self) -> Value {
        let addend = self.pop();
        let addend = self.as_lanes(addend, types::I32X4);
        let [left, right] = self.pop_lanes(types::I8X16);
        // Instructions that sum four products, signed by unsigned or signed by signed: Cranelift finds
        // them by this pattern, which never rounds to 16 bits.
        let unsigned = self.has_cpu_setting("has_avx_vnni") || self.has_cpu_setting("has_avx512vnni");
        let signed = self.has_cpu_setting("has_dotprod");
        let sums = if self.relaxed_for(unsigned || signed) {
            let (low, high) = if unsigned { (UnsignedLow, UnsignedHigh) } else { (SignedLow, SignedHigh) };
            let low = self.widen_multiply([left, right], [SignedLow, low]);
            let high = self.widen_multiply([left, right], [SignedHigh, high]);
            let [low, high] = [low, high].map(|products| self.sum_pairs(products));
            self.builder.ins().iadd_pairwise(low, high)
        } else {
            let sums = self.dot([left, right]);
            self.sum_pairs(sums)
        };
        self.builder.ins().iadd(sums, addend)
    }

    /// Sums of neighbours, in twice their width.
    fn sum_pairs(&mut self, vector: Value) -> Value {
        let low = self.widen(vector, SignedLow);
        let high = self.widen(vector, SignedHigh);
        self.builder.ins().iadd_pairwise(low, high)
    }
}
