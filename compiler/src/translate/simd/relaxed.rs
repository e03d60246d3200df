//! Relaxed SIMD: operators whose results may depend on the machine. By default each is what the
//! target's CPU does fastest; with `--relaxed-simd-deterministic` the results are those of the
//! specification's deterministic profile, on every machine.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use target_lexicon::Architecture;
use wasmparser::Operator;

use super::integer::Widen::{SignedHigh, SignedLow, UnsignedHigh, UnsignedLow};
use super::{Translator, binary, unary};

impl Translator<'_, '_, '_> {
    pub(super) fn relaxed(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I8x16RelaxedSwizzle if self.relaxed_for(self.isa.has_x86_pshufb_lowering()) => {
                binary!(self, I8X16, x86_pshufb)
            }
            O::I8x16RelaxedSwizzle => binary!(self, I8X16, swizzle),
            O::I32x4RelaxedTruncF32x4S if self.relaxed_for(self.is_x86()) => {
                unary!(self, F32X4, x86_cvtt2dq => I32X4)
            }
            O::I32x4RelaxedTruncF32x4S => unary!(self, F32X4, fcvt_to_sint_sat => I32X4),
            O::I32x4RelaxedTruncF32x4U => unary!(self, F32X4, fcvt_to_uint_sat => I32X4),
            O::I32x4RelaxedTruncF64x2SZero if self.relaxed_for(self.is_x86()) => {
                let integers = unary!(self, F64X2, x86_cvtt2dq => I64X2);
                self.narrow_with_zero(integers)
            }
            O::I32x4RelaxedTruncF64x2SZero => self.truncate_signed_with_zero(),
            O::I32x4RelaxedTruncF64x2UZero => self.truncate_unsigned_with_zero(),
            O::F32x4RelaxedMadd => self.multiply_add(types::F32X4, false),
            O::F64x2RelaxedMadd => self.multiply_add(types::F64X2, false),
            O::F32x4RelaxedNmadd => self.multiply_add(types::F32X4, true),
            O::F64x2RelaxedNmadd => self.multiply_add(types::F64X2, true),
            O::I8x16RelaxedLaneselect => self.lane_select(types::I8X16),
            O::I16x8RelaxedLaneselect => self.lane_select(types::I16X8),
            O::I32x4RelaxedLaneselect => self.lane_select(types::I32X4),
            O::I64x2RelaxedLaneselect => self.lane_select(types::I64X2),
            O::F32x4RelaxedMin if self.relaxed_for(self.is_x86()) => self.pseudo_minimum(types::F32X4),
            O::F32x4RelaxedMin => binary!(self, F32X4, fmin),
            O::F64x2RelaxedMin if self.relaxed_for(self.is_x86()) => self.pseudo_minimum(types::F64X2),
            O::F64x2RelaxedMin => binary!(self, F64X2, fmin),
            O::F32x4RelaxedMax if self.relaxed_for(self.is_x86()) => self.pseudo_maximum(types::F32X4),
            O::F32x4RelaxedMax => binary!(self, F32X4, fmax),
            O::F64x2RelaxedMax if self.relaxed_for(self.is_x86()) => self.pseudo_maximum(types::F64X2),
            O::F64x2RelaxedMax => binary!(self, F64X2, fmax),
            O::I16x8RelaxedQ15mulrS if self.relaxed_for(self.isa.has_x86_pmulhrsw_lowering()) => {
                binary!(self, I16X8, x86_pmulhrsw)
            }
            O::I16x8RelaxedQ15mulrS => binary!(self, I16X8, sqmul_round_sat),
            O::I16x8RelaxedDotI8x16I7x16S => {
                let operands = self.pop_lanes(types::I8X16);
                self.dot(operands)
            }
            O::I32x4RelaxedDotI8x16I7x16AddS => self.dot_add(),
            _ => return None,
        })
    }

    /// Is a result allowed to differ, and does this CPU have an instruction that gains by it?
    fn relaxed_for(&self, gains: bool) -> bool {
        gains && !self.env.options.relaxed_simd_deterministic
    }

    fn is_x86(&self) -> bool {
        matches!(self.isa.triple().architecture, Architecture::X86_64)
    }

    /// Has the CPU the feature behind this setting of Cranelift?
    fn has_cpu_setting(&self, name: &str) -> bool {
        self.isa.isa_flags().iter().any(|flag| flag.name == name && flag.as_bool() == Some(true))
    }

    /// `left * right + addend`, fused; where the CPU can't, and nothing demands it, with two roundings.
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
