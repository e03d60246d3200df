//! Constants, splats, single lanes, and moves of lanes.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use wasmparser::Operator;

use super::{Translator, binary};

impl Translator<'_, '_, '_> {
    pub(super) fn vector_lane(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match *op {
            O::V128Const { value } => self.vector_constant(*value.bytes(), types::I8X16),
            O::I8x16Splat => self.splat(types::I8X16),
            O::I16x8Splat => self.splat(types::I16X8),
            O::I32x4Splat => self.splat(types::I32X4),
            O::I64x2Splat => self.splat(types::I64X2),
            O::F32x4Splat => self.splat(types::F32X4),
            O::F64x2Splat => self.splat(types::F64X2),
            O::I8x16ExtractLaneS { lane } => self.extract_signed(types::I8X16, lane),
            O::I16x8ExtractLaneS { lane } => self.extract_signed(types::I16X8, lane),
            O::I8x16ExtractLaneU { lane } => self.extract_unsigned(types::I8X16, lane),
            O::I16x8ExtractLaneU { lane } => self.extract_unsigned(types::I16X8, lane),
            O::I32x4ExtractLane { lane } => self.extract(types::I32X4, lane),
            O::I64x2ExtractLane { lane } => self.extract(types::I64X2, lane),
            O::F32x4ExtractLane { lane } => self.extract(types::F32X4, lane),
            O::F64x2ExtractLane { lane } => self.extract(types::F64X2, lane),
            O::I8x16ReplaceLane { lane } => self.replace(types::I8X16, lane),
            O::I16x8ReplaceLane { lane } => self.replace(types::I16X8, lane),
            O::I32x4ReplaceLane { lane } => self.replace(types::I32X4, lane),
            O::I64x2ReplaceLane { lane } => self.replace(types::I64X2, lane),
            O::F32x4ReplaceLane { lane } => self.replace(types::F32X4, lane),
            O::F64x2ReplaceLane { lane } => self.replace(types::F64X2, lane),
            O::I8x16Swizzle => binary!(self, I8X16, swizzle),
            O::I8x16Shuffle { lanes } => {
                let [first, second] = self.pop_lanes(types::I8X16);
                let lanes = self.builder.func.dfg.immediates.push(lanes.to_vec().into());
                self.builder.ins().shuffle(first, second, lanes)
            }
            _ => return None,
        })
    }

    /// Pops a number for a lane of this type: 8 and 16 bits are the low ones of an i32.
    fn pop_for_lane(&mut self, ty: Type) -> Value {
        let number = self.pop();
        match ty.lane_type() {
            lane @ (types::I8 | types::I16) => self.builder.ins().ireduce(lane, number),
            _ => number,
        }
    }

    fn splat(&mut self, ty: Type) -> Value {
        let number = self.pop_for_lane(ty);
        self.builder.ins().splat(ty, number)
    }

    fn replace(&mut self, ty: Type, lane: u8) -> Value {
        let number = self.pop_for_lane(ty);
        let [vector] = self.pop_lanes(ty);
        self.builder.ins().insertlane(vector, number, lane)
    }

    fn extract(&mut self, ty: Type, lane: u8) -> Value {
        let [vector] = self.pop_lanes(ty);
        self.builder.ins().extractlane(vector, lane)
    }

    fn extract_signed(&mut self, ty: Type, lane: u8) -> Value {
        let number = self.extract(ty, lane);
        self.builder.ins().sextend(types::I32, number)
    }

    fn extract_unsigned(&mut self, ty: Type, lane: u8) -> Value {
        let number = self.extract(ty, lane);
        self.builder.ins().uextend(types::I32, number)
    }
}
