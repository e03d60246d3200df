//! Linear memory: addresses, bounds, loads and stores, bulk operations.
//!
//! A mistake in `address`, `checked_address` or `range` is a sandbox escape: every access to a linear memory
//! goes through one of them, and nothing else computes an address in it.
//!
//! Indices are `i32` or `i64`, as the memory's type says; everything here computes in 64 bits.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, InstBuilder, Type, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;
use wasmparser::{MemArg, MemArgTarget};

use super::environment::{heap_access, trap_code, trusted};
use super::operator::operators;
use super::translator::{Region, Translator};
use crate::layout::{Bounds, MemoryBase, Symbol};
use crate::parse::{DataIndex, MemoryIndex};
use crate::program::MemoryId;

operators! { |t|
    I32Load { memarg } => t.load(&memarg, types::I32, types::I32, false),
    I64Load { memarg } => t.load(&memarg, types::I64, types::I64, false),
    F32Load { memarg } => t.load(&memarg, types::F32, types::F32, false),
    F64Load { memarg } => t.load(&memarg, types::F64, types::F64, false),
    I32Load8S { memarg } => t.load(&memarg, types::I8, types::I32, true),
    I32Load8U { memarg } => t.load(&memarg, types::I8, types::I32, false),
    I32Load16S { memarg } => t.load(&memarg, types::I16, types::I32, true),
    I32Load16U { memarg } => t.load(&memarg, types::I16, types::I32, false),
    I64Load8S { memarg } => t.load(&memarg, types::I8, types::I64, true),
    I64Load8U { memarg } => t.load(&memarg, types::I8, types::I64, false),
    I64Load16S { memarg } => t.load(&memarg, types::I16, types::I64, true),
    I64Load16U { memarg } => t.load(&memarg, types::I16, types::I64, false),
    I64Load32S { memarg } => t.load(&memarg, types::I32, types::I64, true),
    I64Load32U { memarg } => t.load(&memarg, types::I32, types::I64, false),
    I32Store { memarg } | F32Store { memarg } => t.store(&memarg, 4),
    I64Store { memarg } | F64Store { memarg } => t.store(&memarg, 8),
    I32Store8 { memarg } | I64Store8 { memarg } => t.store(&memarg, 1),
    I32Store16 { memarg } | I64Store16 { memarg } => t.store(&memarg, 2),
    I64Store32 { memarg } => t.store(&memarg, 4),
    MemorySize { mem } => t.memory_size(mem),
    MemoryGrow { mem } => t.memory_grow(mem),
    MemoryFill { mem } => t.memory_fill(mem),
    MemoryCopy { dst_mem, src_mem } => t.memory_copy(dst_mem, src_mem),
    MemoryInit { data_index, mem } => {
        let [target, source, length] = t.pop_n();
        let data = DataIndex::from_u32(data_index);
        let limit = t.data_length(data);
        t.memory_init(t.memory(mem), data, [target, source, length], limit);
    },
    DataDrop { data_index } => t.data_drop(DataIndex::from_u32(data_index)),
}

impl Translator<'_, '_, '_> {
    /// Address and static offset of an access of `bytes` bytes at `index + offset`.
    ///
    /// Why the access can't leave the memory:
    ///
    /// - `Bounds::Guard`: `index` is zero-extended from 32 bits and `offset` is at most
    ///   `Memory::GUARDED_OFFSET`, so the access lies in the reservation, of which only the memory is
    ///   accessible.
    /// - `Bounds::Index`: `index` is less than the size, and `offset + bytes` is at most the size of the
    ///   guard that follows it, so the access lies in the memory or in the guard.
    /// - `Bounds::End`: see `check_end`.
    ///
    /// A memory never shrinks, so it does no harm if another thread grows it after the check. A memory
    /// that can move isn't shared, and its base is loaded after every call.
    pub fn address(&mut self, memory: MemoryId, index: Value, offset: u64, bytes: u64) -> (Value, i32) {
        let index = self.extend_index(index);
        match self.env.layout.memory(memory).bounds(offset) {
            Bounds::Guard => {}
            Bounds::Index => {
                let size = self.memory_size_bytes(memory);
                self.trap_if(IntCC::UnsignedGreaterThanOrEqual, index, size, Trap::MemoryOutOfBounds);
            }
            Bounds::End => self.check_end(memory, index, offset, bytes),
        }
        let base = self.memory_base(memory);
        if offset <= Memory::GUARDED_OFFSET {
            (self.builder.ins().iadd(base, index), offset as i32)
        } else {
            // Checked: the sum is less than the size.
            let index = self.builder.ins().iadd_imm_s(index, offset as i64);
            (self.builder.ins().iadd(base, index), 0)
        }
    }

    /// Address of an access that the runtime makes, where faults don't become traps: all of it is checked.
    pub fn checked_address(&mut self, memory: MemoryId, index: Value, offset: u64, bytes: u64) -> Value {
        let index = self.extend_index(index);
        self.check_end(memory, index, offset, bytes);
        let base = self.memory_base(memory);
        // Checked: the sum is less than the size.
        let index = self.builder.ins().iadd_imm_s(index, offset as i64);
        self.builder.ins().iadd(base, index)
    }

    /// Traps unless `index + offset + bytes` is at most the size. `index` has 64 bits.
    fn check_end(&mut self, memory: MemoryId, index: Value, offset: u64, bytes: u64) {
        let plan = &self.env.program.memories[memory];
        // An end of 2^64 or more is outside every memory, and so is 2^64 - 1.
        let length = offset.saturating_add(bytes);
        if !self.grows(memory) && length <= plan.initial_bytes() {
            let last = self.builder.ins().iconst(types::I64, (plan.initial_bytes() - length) as i64);
            return self.trap_if(IntCC::UnsignedGreaterThan, index, last, Trap::MemoryOutOfBounds);
        }
        let size = self.memory_size_bytes(memory);
        if !plan.ty.memory64 {
            // No overflow: both are less than 2^33.
            let end = self.builder.ins().iadd_imm_s(index, length as i64);
            self.trap_if(IntCC::UnsignedGreaterThan, end, size, Trap::MemoryOutOfBounds);
        } else if length <= plan.initial_bytes() {
            // No wrap: the size is never less than the initial size.
            let last = self.builder.ins().iadd_imm_s(size, (length as i64).wrapping_neg());
            self.trap_if(IntCC::UnsignedGreaterThan, index, last, Trap::MemoryOutOfBounds);
        } else {
            let length = self.builder.ins().iconst(types::I64, length as i64);
            let code = trap_code(Trap::MemoryOutOfBounds);
            let end = self.builder.ins().uadd_overflow_trap(index, length, code);
            self.trap_if(IntCC::UnsignedGreaterThan, end, size, Trap::MemoryOutOfBounds);
        }
    }

    /// Address and 64-bit length of `start..start + length`, after a check that the memory contains it.
    pub fn range(&mut self, memory: MemoryId, start: Value, length: Value) -> (Value, Value) {
        let size = self.memory_size_bytes(memory);
        let (start, length) = self.check_range(start, length, size, Trap::MemoryOutOfBounds);
        let base = self.memory_base(memory);
        (self.builder.ins().iadd(base, start), length)
    }

    /// Traps unless `start + length` is at most `limit`, which has 64 bits. Returns both with 64 bits.
    pub fn check_range(&mut self, start: Value, length: Value, limit: Value, trap: Trap) -> (Value, Value) {
        let narrow = |value| self.builder.func.dfg.value_type(value) == types::I32;
        let both_narrow = narrow(start) && narrow(length);
        let (start, length) = (self.extend_index(start), self.extend_index(length));
        let end = if both_narrow {
            // No overflow: both are less than 2^32.
            self.builder.ins().iadd(start, length)
        } else {
            self.builder.ins().uadd_overflow_trap(start, length, trap_code(trap))
        };
        self.trap_if(IntCC::UnsignedGreaterThan, end, limit, trap);
        (start, length)
    }

    pub fn trap_if(&mut self, condition: IntCC, left: Value, right: Value, trap: Trap) {
        let outside = self.builder.ins().icmp(condition, left, right);
        self.builder.ins().trapnz(outside, trap_code(trap));
    }

    /// An index or a length, unsigned, with 64 bits.
    pub fn extend_index(&mut self, index: Value) -> Value {
        match self.builder.func.dfg.value_type(index) {
            types::I64 => index,
            _ => self.builder.ins().uextend(types::I64, index),
        }
    }

    /// A 64-bit size as the operand that `memory.size` or `table.size` yields. `wide`: it has 64 bits, too.
    pub fn reduce_index(&mut self, index: Value, wide: bool) -> Value {
        if wide { index } else { self.builder.ins().ireduce(types::I32, index) }
    }

    fn memory_base(&mut self, memory: MemoryId) -> Value {
        match self.env.layout.memory(memory).base {
            MemoryBase::Constant(address) => self.builder.ins().iconst(types::I64, address as i64),
            MemoryBase::Symbol { fixed } => {
                let mut flags = self.in_region(trusted(), Region::MemoryDescriptors);
                // A size that never changes is loaded once, before loops, even if they contain calls.
                let descriptor = if fixed || !self.grows(memory) {
                    flags.set_readonly();
                    flags.set_can_move();
                    self.shared_symbol(Symbol::Memory(memory))
                } else {
                    self.symbol(Symbol::Memory(memory))
                };
                self.builder.ins().load(types::I64, flags, descriptor, Memory::BASE)
            }
        }
    }

    /// Makes the memory of this instance that of the host function which is called next, if the instances have different
    /// ones: the caller's is the one that its pointers are for (WASI's witx-docs, "Pointers"). Host functions don't call
    /// back, and don't grow memories.
    pub(super) fn lend_memory(&mut self) {
        if !self.env.program.has_callers_memory {
            return;
        }
        let (base, size) = match self.instance.host_memory() {
            Some(memory) => (self.memory_base(memory), self.memory_size_bytes(memory)),
            None => [0; 2].map(|zero| self.builder.ins().iconst(types::I64, zero)).into(),
        };
        let lent = self.symbol(Symbol::CallersMemory);
        self.builder.ins().store(trusted(), base, lent, Memory::BASE);
        self.builder.ins().store(trusted(), size, lent, Memory::SIZE);
    }

    /// Whether reachable code may grow the memory.
    fn grows(&self, memory: MemoryId) -> bool {
        self.env.facts.memory(memory).grows
    }

    fn memory_size_bytes(&mut self, memory: MemoryId) -> Value {
        let plan = &self.env.program.memories[memory];
        if !self.grows(memory) {
            return self.builder.ins().iconst(types::I64, plan.initial_bytes() as i64);
        }
        // Checks of the same 64-bit index, such as the address of a structure with several fields, are merged
        // if they compare it with the same size.
        let descriptor = match plan.ty.memory64 {
            true => self.shared_symbol(Symbol::Memory(memory)),
            false => self.symbol(Symbol::Memory(memory)),
        };
        let flags = self.in_region(trusted(), Region::MemoryDescriptors);
        self.builder.ins().load(types::I64, flags, descriptor, Memory::SIZE)
    }

    pub fn memory_of(&self, memarg: &MemArg) -> MemoryId {
        match memarg.target {
            MemArgTarget::Memory(index) => self.memory(index),
            MemArgTarget::Array(_) => unreachable!("the validator refuses arrays"),
        }
    }

    fn memory(&self, index: u32) -> MemoryId {
        self.instance.memories[MemoryIndex::from_u32(index)]
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
        let pages = self.memory_pages(memory);
        let pages = self.reduce_index(pages, self.env.program.memories[memory].ty.memory64);
        self.stack.push(pages);
    }

    /// The size in pages, 64 bits.
    fn memory_pages(&mut self, memory: MemoryId) -> Value {
        let plan = &self.env.program.memories[memory];
        let bytes = if plan.ty.shared && self.grows(memory) {
            // Sequentially consistent, unlike the sizes that bounds checks read: those may be stale.
            let descriptor = self.symbol(Symbol::Memory(memory));
            let size = self.builder.ins().iadd_imm_s(descriptor, i64::from(Memory::SIZE));
            self.builder.ins().atomic_load(types::I64, trusted(), size)
        } else {
            self.memory_size_bytes(memory)
        };
        let shift = i64::from(plan.page_size().trailing_zeros());
        self.builder.ins().ushr_imm_u(bytes, shift)
    }

    fn memory_grow(&mut self, mem: u32) {
        let memory = self.memory(mem);
        let ty = self.env.program.memories[memory].ty;
        let delta = self.pop();
        let delta = self.extend_index(delta);
        let descriptor = self.symbol(Symbol::Memory(memory));
        let grow = if ty.shared { Builtin::SharedMemoryGrow } else { Builtin::MemoryGrow };
        let previous = self.call_builtin(grow, &[descriptor, delta]);
        let plan = &self.env.program.memories[memory];
        if let Some(limits) = plan.limits().filter(|_| !self.env.options.soft_limits) {
            let pages = self.memory_pages(memory);
            self.trap_beyond_limit(previous, pages, delta, limits, Trap::MemoryLimit);
        }
        let previous = self.reduce_index(previous, ty.memory64);
        self.stack.push(previous);
    }

    /// Traps if something didn't grow by `delta` because of the first limit, although the second one, that of its
    /// type, would have allowed it. `previous` is the result of growing.
    pub(super) fn trap_beyond_limit(
        &mut self,
        previous: Value,
        size: Value,
        delta: Value,
        limits: [u64; 2],
        trap: Trap,
    ) {
        let failed = self.builder.ins().icmp_imm_s(IntCC::Equal, previous, -1);
        let [limit, maximum] = limits.map(|limit| self.builder.ins().iconst(types::I64, limit as i64));
        let [room, most] = [limit, maximum].map(|limit| self.builder.ins().isub(limit, size));
        let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, delta, room);
        let allowed = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, delta, most);
        let refused = self.builder.ins().band(beyond, allowed);
        let refused = self.builder.ins().band(failed, refused);
        self.builder.ins().trapnz(refused, trap_code(trap));
    }

    fn memory_fill(&mut self, mem: u32) {
        let [target, byte, length] = self.pop_n();
        let (address, length) = self.range(self.memory(mem), target, length);
        self.call_builtin(Builtin::Memset, &[address, byte, length]);
    }

    fn memory_copy(&mut self, to: u32, from: u32) {
        let [target, source, length] = self.pop_n();
        let (target, _) = self.range(self.memory(to), target, length);
        let (source, length) = self.range(self.memory(from), source, length);
        self.call_builtin(Builtin::Memmove, &[target, source, length]);
    }

    /// Current length of a data segment, 64 bits.
    fn data_length(&mut self, data: DataIndex) -> Value {
        match self.env.layout.segments.data_length(self.instance_id, data) {
            None => self.builder.ins().iconst(types::I64, 0),
            Some(offset) => self.segment_length(offset),
        }
    }

    /// Copies `length` bytes of a segment of `limit` bytes; the operands are target, source, length.
    pub fn memory_init(&mut self, memory: MemoryId, data: DataIndex, operands: [Value; 3], limit: Value) {
        let [target, source, length] = operands;
        let (source, _) = self.check_range(source, length, limit, Trap::MemoryOutOfBounds);
        let (target, length) = self.range(memory, target, length);
        let bytes = self.symbol(Symbol::Data(self.instance_id, data));
        let source = self.builder.ins().iadd(bytes, source);
        self.call_builtin(Builtin::Memmove, &[target, source, length]);
    }

    fn data_drop(&mut self, data: DataIndex) {
        if let Some(offset) = self.env.layout.segments.data_length(self.instance_id, data) {
            self.drop_segment(offset);
        }
    }

    /// Loads the length at this place in `Symbol::SegmentLengths`.
    pub fn segment_length(&mut self, offset: i32) -> Value {
        let lengths = self.segment_lengths();
        self.builder.ins().load(types::I64, trusted(), lengths, offset)
    }

    /// Sets the length at this place to 0.
    pub fn drop_segment(&mut self, offset: i32) {
        let lengths = self.segment_lengths();
        let zero = self.builder.ins().iconst(types::I64, 0);
        self.builder.ins().store(trusted(), zero, lengths, offset);
    }

    /// A function of the runtime, to call directly.
    pub fn builtin(&mut self, builtin: Builtin) -> FuncRef {
        let env = self.env;
        self.function(Symbol::Builtin(builtin), || env.builtin_signature(builtin))
    }

    /// Calls a function of the runtime; returns its result, or the first argument if it has none.
    pub fn call_builtin(&mut self, builtin: Builtin, arguments: &[Value]) -> Value {
        let function = self.builtin(builtin);
        self.forget_symbols();
        let call = self.builder.ins().call(function, arguments);
        self.builder.inst_results(call).first().copied().unwrap_or(arguments[0])
    }
}
