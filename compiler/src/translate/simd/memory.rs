//! Loads and stores of vectors and of their lanes.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};
use wasmparser::MemArg;

use super::super::operator::operators;
use super::Translator;
use crate::translate::environment::heap_access;
use crate::translate::translator::Region;

/// Builds a load of half a vector, each lane extended to twice its width.
macro_rules! extending {
    ($t:ident, $memarg:ident, $method:ident) => {{
        let (flags, address, offset) = $t.vector_address(&$memarg, 8);
        $t.builder.ins().$method(flags, address, offset)
    }};
}

operators! { vector |t|
    V128Load { memarg } => {
        let vector = t.load_lanes(&memarg, types::I8X16);
        t.unused_load = Some(vector);
        vector
    },
    V128Load8x8S { memarg } => extending!(t, memarg, sload8x8),
    V128Load8x8U { memarg } => extending!(t, memarg, uload8x8),
    V128Load16x4S { memarg } => extending!(t, memarg, sload16x4),
    V128Load16x4U { memarg } => extending!(t, memarg, uload16x4),
    V128Load32x2S { memarg } => extending!(t, memarg, sload32x2),
    V128Load32x2U { memarg } => extending!(t, memarg, uload32x2),
    V128Load8Splat { memarg } => t.load_splat(&memarg, types::I8X16),
    V128Load16Splat { memarg } => t.load_splat(&memarg, types::I16X8),
    V128Load32Splat { memarg } => t.load_splat(&memarg, types::I32X4),
    V128Load64Splat { memarg } => t.load_splat(&memarg, types::I64X2),
    V128Load32Zero { memarg } => t.load_zero(&memarg, types::I32X4),
    V128Load64Zero { memarg } => t.load_zero(&memarg, types::I64X2),
    V128Load8Lane { memarg, lane } => t.load_lane(&memarg, types::I8X16, lane),
    V128Load16Lane { memarg, lane } => t.load_lane(&memarg, types::I16X8, lane),
    V128Load32Lane { memarg, lane } => t.load_lane(&memarg, types::I32X4, lane),
    V128Load64Lane { memarg, lane } => t.load_lane(&memarg, types::I64X2, lane),
}

operators! { vector_store |t|
    V128Store { memarg } => {
        let [value] = t.pop_n();
        t.store_lanes(&memarg, value);
    },
    V128Store8Lane { memarg, lane } => t.store_lane(&memarg, types::I8X16, lane),
    V128Store16Lane { memarg, lane } => t.store_lane(&memarg, types::I16X8, lane),
    V128Store32Lane { memarg, lane } => t.store_lane(&memarg, types::I32X4, lane),
    V128Store64Lane { memarg, lane } => t.store_lane(&memarg, types::I64X2, lane),
}

impl Translator<'_, '_, '_> {
    /// Pops an index: flags, address and static offset of an access of `bytes` bytes there.
    fn vector_address(&mut self, memarg: &MemArg, bytes: u64) -> (MemFlagsData, Value, i32) {
        let index = self.pop();
        let (address, offset) = self.address(self.memory_of(memarg), index, memarg.offset, bytes);
        (self.in_region(heap_access(), Region::Heap), address, offset)
    }

    fn load_lanes(&mut self, memarg: &MemArg, ty: Type) -> Value {
        let (flags, address, offset) = self.vector_address(memarg, u64::from(ty.bytes()));
        self.builder.ins().load(ty, flags, address, offset)
    }

    fn store_lanes(&mut self, memarg: &MemArg, value: Value) {
        let bytes = self.builder.func.dfg.value_type(value).bytes();
        let (flags, address, offset) = self.vector_address(memarg, u64::from(bytes));
        self.builder.ins().store(flags, value, address, offset);
    }

    fn load_splat(&mut self, memarg: &MemArg, ty: Type) -> Value {
        let lane = self.load_lanes(memarg, ty.lane_type());
        self.builder.ins().splat(ty, lane)
    }

    fn load_zero(&mut self, memarg: &MemArg, ty: Type) -> Value {
        let lane = self.load_lanes(memarg, ty.lane_type());
        self.builder.ins().scalar_to_vector(ty, lane)
    }

    fn load_lane(&mut self, memarg: &MemArg, ty: Type, lane: u8) -> Value {
        let [vector] = self.pop_lanes(ty);
        let value = self.load_lanes(memarg, ty.lane_type());
        self.builder.ins().insertlane(vector, value, lane)
    }

    fn store_lane(&mut self, memarg: &MemArg, ty: Type, lane: u8) {
        let [vector] = self.pop_lanes(ty);
        let value = self.builder.ins().extractlane(vector, lane);
        self.store_lanes(memarg, value);
    }
}
