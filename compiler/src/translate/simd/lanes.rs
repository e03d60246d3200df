//! Constants, splats, single lanes, and moves of lanes.

use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

use super::super::operator::operators;
use super::{Translator, binary};

operators! { vector |t|
    V128Const { value } => t.vector_constant(*value.bytes(), types::I8X16),
    I8x16Splat => t.splat(types::I8X16),
    I16x8Splat => t.splat(types::I16X8),
    I32x4Splat => t.splat(types::I32X4),
    I64x2Splat => t.splat(types::I64X2),
    F32x4Splat => t.splat(types::F32X4),
    F64x2Splat => t.splat(types::F64X2),
    I8x16ExtractLaneS { lane } => t.extract_signed(types::I8X16, lane),
    I16x8ExtractLaneS { lane } => t.extract_signed(types::I16X8, lane),
    I8x16ExtractLaneU { lane } => t.extract_unsigned(types::I8X16, lane),
    I16x8ExtractLaneU { lane } => t.extract_unsigned(types::I16X8, lane),
    I32x4ExtractLane { lane } => t.extract(types::I32X4, lane),
    I64x2ExtractLane { lane } => t.extract(types::I64X2, lane),
    F32x4ExtractLane { lane } => t.extract(types::F32X4, lane),
    F64x2ExtractLane { lane } => t.extract(types::F64X2, lane),
    I8x16ReplaceLane { lane } => t.replace(types::I8X16, lane),
    I16x8ReplaceLane { lane } => t.replace(types::I16X8, lane),
    I32x4ReplaceLane { lane } => t.replace(types::I32X4, lane),
    I64x2ReplaceLane { lane } => t.replace(types::I64X2, lane),
    F32x4ReplaceLane { lane } => t.replace(types::F32X4, lane),
    F64x2ReplaceLane { lane } => t.replace(types::F64X2, lane),
    I8x16Swizzle => binary!(t, I8X16, swizzle),
    I8x16Shuffle { lanes } => {
        let [first, second] = t.pop_lanes(types::I8X16);
        let lanes = t.builder.func.dfg.immediates.push(lanes.to_vec().into());
        t.builder.ins().shuffle(first, second, lanes)
    },
}

impl Translator<'_, '_, '_> {
    /// Pops a number for a lane of this type: lanes of 8 and 16 bits take the low bits of an i32.
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
