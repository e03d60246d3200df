//! Linear memory: addresses, bounds, loads and stores, bulk operations.
//!
//! A mistake in `address` or `check_range` is a sandbox escape: every access of a linear memory
//! goes through one of the two, and nothing else computes an address in it.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Type, Value, types};
use cranelift_codegen::isa::CallConv;
use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;
use wasmparser::{MemArg, MemArgTarget, Operator};

use super::environment::{heap_access, trap_code, trusted};
use super::function::{Region, Translator};
use super::symbol::{Builtin, Symbol};
use crate::parse::{DataIndex, MemoryIndex};
use crate::program::{MAX_GUARDED_OFFSET, MemoryBase, MemoryId};

impl Translator<'_, '_, '_> {
    /// Address and static offset of an access of `bytes` bytes at `index + offset`.
    ///
    /// With a guard region the access itself traps: `index` is zero-extended from 32 bits, so
    /// `index + offset` stays inside the reservation as long as `offset` is at most
    /// `MAX_GUARDED_OFFSET`. Without one, or beyond it, the end of the access is compared with the
    /// size of the memory.
    fn address(&mut self, memory: MemoryId, index: Value, offset: u64, bytes: u64) -> (Value, i32) {
        let index = self.builder.ins().uextend(types::I64, index);
        let plan = &self.env.program.memories[memory];
        let guarded = plan.reservation != 0 && offset <= MAX_GUARDED_OFFSET;
        if !guarded {
            // No overflow: both are less than 2^33.
            let end = self.builder.ins().iadd_imm_s(index, (offset + bytes) as i64);
            self.check_end(memory, end);
        }
        let base = self.memory_base(memory);
        if offset <= MAX_GUARDED_OFFSET {
            (self.builder.ins().iadd(base, index), offset as i32)
        } else {
            let index = self.builder.ins().iadd_imm_s(index, offset as i64);
            (self.builder.ins().iadd(base, index), 0)
        }
    }

    /// Address of the range `start..start + length`, after a check that the memory contains it.
    /// Both are 32-bit values.
    pub fn check_range(&mut self, memory: MemoryId, start: Value, length: Value) -> (Value, Value) {
        let start = self.builder.ins().uextend(types::I64, start);
        let length = self.builder.ins().uextend(types::I64, length);
        // No overflow: both are less than 2^32.
        let end = self.builder.ins().iadd(start, length);
        self.check_end(memory, end);
        let base = self.memory_base(memory);
        (self.builder.ins().iadd(base, start), length)
    }

    fn check_end(&mut self, memory: MemoryId, end: Value) {
        let size = self.memory_size_bytes(memory);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, size);
        self.builder.ins().trapnz(outside, trap_code(Trap::MemoryOutOfBounds));
    }

    fn memory_base(&mut self, memory: MemoryId) -> Value {
        let plan = &self.env.program.memories[memory];
        match plan.base {
            MemoryBase::Constant(address) => self.builder.ins().iconst(types::I64, address as i64),
            MemoryBase::Symbol { fixed } => {
                let descriptor = self.symbol(Symbol::Memory(memory));
                let mut flags = self.in_region(trusted(), Region::MemoryDescriptors);
                if fixed || !plan.grows {
                    flags.set_readonly();
                    flags.set_can_move();
                }
                self.builder.ins().load(types::I64, flags, descriptor, Memory::BASE)
            }
        }
    }

    fn memory_size_bytes(&mut self, memory: MemoryId) -> Value {
        let plan = &self.env.program.memories[memory];
        if !plan.grows {
            return self.builder.ins().iconst(types::I64, plan.initial_bytes() as i64);
        }
        let descriptor = self.symbol(Symbol::Memory(memory));
        let flags = self.in_region(trusted(), Region::MemoryDescriptors);
        self.builder.ins().load(types::I64, flags, descriptor, Memory::SIZE)
    }

    fn memory_of(&self, memarg: &MemArg) -> MemoryId {
        match memarg.target {
            MemArgTarget::Memory(index) => self.memory(index),
            MemArgTarget::Array(_) => unreachable!("the validator refuses arrays"),
        }
    }

    fn memory(&self, index: u32) -> MemoryId {
        self.instance.memories[MemoryIndex::from_u32(index)]
    }

    pub fn memory_operator(&mut self, op: &Operator<'_>) -> bool {
        use Operator as O;
        match op {
            O::I32Load { memarg } => self.load(memarg, types::I32, types::I32, false),
            O::I64Load { memarg } => self.load(memarg, types::I64, types::I64, false),
            O::F32Load { memarg } => self.load(memarg, types::F32, types::F32, false),
            O::F64Load { memarg } => self.load(memarg, types::F64, types::F64, false),
            O::I32Load8S { memarg } => self.load(memarg, types::I8, types::I32, true),
            O::I32Load8U { memarg } => self.load(memarg, types::I8, types::I32, false),
            O::I32Load16S { memarg } => self.load(memarg, types::I16, types::I32, true),
            O::I32Load16U { memarg } => self.load(memarg, types::I16, types::I32, false),
            O::I64Load8S { memarg } => self.load(memarg, types::I8, types::I64, true),
            O::I64Load8U { memarg } => self.load(memarg, types::I8, types::I64, false),
            O::I64Load16S { memarg } => self.load(memarg, types::I16, types::I64, true),
            O::I64Load16U { memarg } => self.load(memarg, types::I16, types::I64, false),
            O::I64Load32S { memarg } => self.load(memarg, types::I32, types::I64, true),
            O::I64Load32U { memarg } => self.load(memarg, types::I32, types::I64, false),
            O::I32Store { memarg } | O::F32Store { memarg } => self.store(memarg, 4),
            O::I64Store { memarg } | O::F64Store { memarg } => self.store(memarg, 8),
            O::I32Store8 { memarg } | O::I64Store8 { memarg } => self.store(memarg, 1),
            O::I32Store16 { memarg } | O::I64Store16 { memarg } => self.store(memarg, 2),
            O::I64Store32 { memarg } => self.store(memarg, 4),
            O::MemorySize { mem } => self.memory_size(*mem),
            O::MemoryGrow { mem } => self.memory_grow(*mem),
            O::MemoryFill { mem } => self.memory_fill(*mem),
            O::MemoryCopy { dst_mem, src_mem } => self.memory_copy(*dst_mem, *src_mem),
            O::MemoryInit { data_index, mem } => {
                let [target, source, length] = self.pop_n();
                let data = DataIndex::from_u32(*data_index);
                let limit = self.data_length(data);
                self.memory_init(self.memory(*mem), data, [target, source, length], limit);
            }
            O::DataDrop { data_index } => self.data_drop(DataIndex::from_u32(*data_index)),
            _ => return false,
        }
        true
    }

    /// A load of `from`, extended to `to`.
    fn load(&mut self, memarg: &MemArg, from: Type, to: Type, signed: bool) {
        let index = self.pop();
        let bytes = u64::from(from.bytes());
        let (address, offset) = self.address(self.memory_of(memarg), index, memarg.offset, bytes);
        let flags = self.in_region(heap_access(), Region::Heap);
        let ins = self.builder.ins();
        let value = match (from, signed) {
            _ if from == to => ins.load(to, flags, address, offset),
            (types::I8, true) => ins.sload8(to, flags, address, offset),
            (types::I8, false) => ins.uload8(to, flags, address, offset),
            (types::I16, true) => ins.sload16(to, flags, address, offset),
            (types::I16, false) => ins.uload16(to, flags, address, offset),
            (_, true) => ins.sload32(flags, address, offset),
            (_, false) => ins.uload32(flags, address, offset),
        };
        self.stack.push(value);
    }

    /// A store of the low `bytes` bytes.
    fn store(&mut self, memarg: &MemArg, bytes: u64) {
        let [index, value] = self.pop_n();
        let (address, offset) = self.address(self.memory_of(memarg), index, memarg.offset, bytes);
        let flags = self.in_region(heap_access(), Region::Heap);
        let width = u64::from(self.builder.func.dfg.value_type(value).bytes());
        let ins = self.builder.ins();
        match bytes {
            _ if bytes == width => ins.store(flags, value, address, offset),
            1 => ins.istore8(flags, value, address, offset),
            2 => ins.istore16(flags, value, address, offset),
            _ => ins.istore32(flags, value, address, offset),
        };
    }

    fn memory_size(&mut self, mem: u32) {
        let memory = self.memory(mem);
        let bytes = self.memory_size_bytes(memory);
        let shift = i64::from(self.env.program.memories[memory].page_size().trailing_zeros());
        let pages = self.builder.ins().ushr_imm_u(bytes, shift);
        let pages = self.builder.ins().ireduce(types::I32, pages);
        self.stack.push(pages);
    }

    fn memory_grow(&mut self, mem: u32) {
        let delta = self.pop();
        let delta = self.builder.ins().uextend(types::I64, delta);
        let descriptor = self.symbol(Symbol::Memory(self.memory(mem)));
        let previous = self.call_builtin(Builtin::MemoryGrow, &[descriptor, delta]);
        // The runtime's failure, u64::MAX, becomes -1.
        let previous = self.builder.ins().ireduce(types::I32, previous);
        self.stack.push(previous);
    }

    fn memory_fill(&mut self, mem: u32) {
        let [target, byte, length] = self.pop_n();
        let (address, length) = self.check_range(self.memory(mem), target, length);
        self.call_builtin(Builtin::Memset, &[address, byte, length]);
    }

    fn memory_copy(&mut self, to: u32, from: u32) {
        let [target, source, length] = self.pop_n();
        let (target, _) = self.check_range(self.memory(to), target, length);
        let (source, length) = self.check_range(self.memory(from), source, length);
        self.call_builtin(Builtin::Memmove, &[target, source, length]);
    }

    /// Current length of a data segment, 64 bits.
    fn data_length(&mut self, data: DataIndex) -> Value {
        match self.env.data_length(self.instance_id, data) {
            None => self.builder.ins().iconst(types::I64, 0),
            Some(offset) => self.segment_length(offset),
        }
    }

    /// Copies `length` bytes of a segment of `limit` bytes; operands are target, source, length.
    pub fn memory_init(&mut self, memory: MemoryId, data: DataIndex, operands: [Value; 3], limit: Value) {
        let [target, source, length] = operands;
        let source = self.builder.ins().uextend(types::I64, source);
        let wide_length = self.builder.ins().uextend(types::I64, length);
        let end = self.builder.ins().iadd(source, wide_length);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.builder.ins().trapnz(outside, trap_code(Trap::MemoryOutOfBounds));
        let (target, length) = self.check_range(memory, target, length);
        let bytes = self.symbol(Symbol::Data(self.instance_id, data));
        let source = self.builder.ins().iadd(bytes, source);
        self.call_builtin(Builtin::Memmove, &[target, source, length]);
    }

    fn data_drop(&mut self, data: DataIndex) {
        if let Some(offset) = self.env.data_length(self.instance_id, data) {
            self.drop_segment(offset);
        }
    }

    /// Loads the length at this place in `Symbol::SegmentLengths`.
    pub fn segment_length(&mut self, offset: i32) -> Value {
        let lengths = self.symbol(Symbol::SegmentLengths);
        self.builder.ins().load(types::I64, trusted(), lengths, offset)
    }

    /// Sets the length at this place to 0.
    pub fn drop_segment(&mut self, offset: i32) {
        let lengths = self.symbol(Symbol::SegmentLengths);
        let zero = self.builder.ins().iconst(types::I64, 0);
        self.builder.ins().store(trusted(), zero, lengths, offset);
    }

    /// Calls a function of the runtime; its result, or the first argument if it has none.
    pub fn call_builtin(&mut self, builtin: Builtin, arguments: &[Value]) -> Value {
        let dfg = &self.builder.func.dfg;
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params = arguments.iter().map(|value| AbiParam::new(dfg.value_type(*value))).collect();
        if matches!(builtin, Builtin::MemoryGrow | Builtin::TableGrow) {
            signature.returns.push(AbiParam::new(types::I64));
        }
        let function = self.function(Symbol::Builtin(builtin), || signature);
        let call = self.builder.ins().call(function, arguments);
        self.builder.inst_results(call).first().copied().unwrap_or(arguments[0])
    }
}
