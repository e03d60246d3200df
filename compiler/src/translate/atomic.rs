//! Atomic accesses of linear memory, fences, waiting and waking. All are sequentially consistent.
//!
//! Every access is checked for alignment before its bounds; no machine tears an aligned access. The width of
//! an access equals its alignment, which the validator requires to be natural.

use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, Type, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::trap::Trap;
use wasmparser::MemArg;

use super::environment::{heap_access, trap_code};
use super::operator::operators;
use super::translator::{Region, Translator};

operators! { |t|
    I32AtomicLoad { memarg } | I32AtomicLoad8U { memarg } | I32AtomicLoad16U { memarg } => {
        t.atomic_load(&memarg, types::I32);
    },
    I64AtomicLoad { memarg }
    | I64AtomicLoad8U { memarg }
    | I64AtomicLoad16U { memarg }
    | I64AtomicLoad32U { memarg } => t.atomic_load(&memarg, types::I64),
    I32AtomicStore { memarg }
    | I32AtomicStore8 { memarg }
    | I32AtomicStore16 { memarg }
    | I64AtomicStore { memarg }
    | I64AtomicStore8 { memarg }
    | I64AtomicStore16 { memarg }
    | I64AtomicStore32 { memarg } => t.atomic_store(&memarg),
    I32AtomicRmwCmpxchg { memarg }
    | I32AtomicRmw8CmpxchgU { memarg }
    | I32AtomicRmw16CmpxchgU { memarg }
    | I64AtomicRmwCmpxchg { memarg }
    | I64AtomicRmw8CmpxchgU { memarg }
    | I64AtomicRmw16CmpxchgU { memarg }
    | I64AtomicRmw32CmpxchgU { memarg } => t.atomic_cmpxchg(&memarg),
    I32AtomicRmwAdd { memarg }
    | I32AtomicRmw8AddU { memarg }
    | I32AtomicRmw16AddU { memarg }
    | I64AtomicRmwAdd { memarg }
    | I64AtomicRmw8AddU { memarg }
    | I64AtomicRmw16AddU { memarg }
    | I64AtomicRmw32AddU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::Add),
    I32AtomicRmwSub { memarg }
    | I32AtomicRmw8SubU { memarg }
    | I32AtomicRmw16SubU { memarg }
    | I64AtomicRmwSub { memarg }
    | I64AtomicRmw8SubU { memarg }
    | I64AtomicRmw16SubU { memarg }
    | I64AtomicRmw32SubU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::Sub),
    I32AtomicRmwAnd { memarg }
    | I32AtomicRmw8AndU { memarg }
    | I32AtomicRmw16AndU { memarg }
    | I64AtomicRmwAnd { memarg }
    | I64AtomicRmw8AndU { memarg }
    | I64AtomicRmw16AndU { memarg }
    | I64AtomicRmw32AndU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::And),
    I32AtomicRmwOr { memarg }
    | I32AtomicRmw8OrU { memarg }
    | I32AtomicRmw16OrU { memarg }
    | I64AtomicRmwOr { memarg }
    | I64AtomicRmw8OrU { memarg }
    | I64AtomicRmw16OrU { memarg }
    | I64AtomicRmw32OrU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::Or),
    I32AtomicRmwXor { memarg }
    | I32AtomicRmw8XorU { memarg }
    | I32AtomicRmw16XorU { memarg }
    | I64AtomicRmwXor { memarg }
    | I64AtomicRmw8XorU { memarg }
    | I64AtomicRmw16XorU { memarg }
    | I64AtomicRmw32XorU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::Xor),
    I32AtomicRmwXchg { memarg }
    | I32AtomicRmw8XchgU { memarg }
    | I32AtomicRmw16XchgU { memarg }
    | I64AtomicRmwXchg { memarg }
    | I64AtomicRmw8XchgU { memarg }
    | I64AtomicRmw16XchgU { memarg }
    | I64AtomicRmw32XchgU { memarg } => t.atomic_rmw(&memarg, AtomicRmwOp::Xchg),
    AtomicFence { .. } => _ = t.builder.ins().fence(),
    MemoryAtomicWait32 { memarg } => t.atomic_wait(&memarg, Builtin::AtomicWait32),
    MemoryAtomicWait64 { memarg } => t.atomic_wait(&memarg, Builtin::AtomicWait64),
    MemoryAtomicNotify { memarg } => t.atomic_notify(&memarg),
}

impl Translator<'_, '_, '_> {
    /// Traps unless the address `index + offset` is a multiple of the alignment.
    fn check_alignment(&mut self, memarg: &MemArg, index: Value) {
        let mask = (1 << memarg.align) - 1;
        if mask == 0 {
            return;
        }
        // Only the low bits matter, so it does no harm if the sum wraps.
        let low = self.builder.ins().iadd_imm_s(index, (memarg.offset & mask) as i64);
        let low = self.builder.ins().band_imm_u(low, mask as i64);
        self.builder.ins().trapnz(low, trap_code(Trap::UnalignedAtomic));
    }

    /// Address of an aligned access, and the type of what is accessed.
    fn atomic_address(&mut self, memarg: &MemArg, index: Value) -> (Value, Type) {
        self.check_alignment(memarg, index);
        let bytes = 1 << memarg.align;
        let (address, offset) = self.address(self.memory_of(memarg), index, memarg.offset, bytes);
        let address = self.builder.ins().iadd_imm_s(address, i64::from(offset));
        (address, Type::int(bytes as u16 * 8).expect("1, 2, 4 or 8 bytes"))
    }

    /// The low part of an operand, as wide as the access.
    fn narrow(&mut self, value: Value, access: Type) -> Value {
        let whole = self.builder.func.dfg.value_type(value) == access;
        if whole { value } else { self.builder.ins().ireduce(access, value) }
    }

    fn push_extended(&mut self, value: Value, ty: Type) {
        let whole = self.builder.func.dfg.value_type(value) == ty;
        let value = if whole { value } else { self.builder.ins().uextend(ty, value) };
        self.stack.push(value);
    }

    fn atomic_load(&mut self, memarg: &MemArg, ty: Type) {
        let index = self.pop();
        let (address, access) = self.atomic_address(memarg, index);
        let flags = self.in_region(heap_access(), Region::Heap);
        let value = self.builder.ins().atomic_load(access, flags, address);
        self.push_extended(value, ty);
    }

    fn atomic_store(&mut self, memarg: &MemArg) {
        let [index, value] = self.pop_n();
        let (address, access) = self.atomic_address(memarg, index);
        let flags = self.in_region(heap_access(), Region::Heap);
        let value = self.narrow(value, access);
        self.builder.ins().atomic_store(flags, value, address);
    }

    fn atomic_rmw(&mut self, memarg: &MemArg, op: AtomicRmwOp) {
        let [index, operand] = self.pop_n();
        let ty = self.builder.func.dfg.value_type(operand);
        let (address, access) = self.atomic_address(memarg, index);
        let flags = self.in_region(heap_access(), Region::Heap);
        let operand = self.narrow(operand, access);
        let previous = self.builder.ins().atomic_rmw(access, flags, op, address, operand);
        self.push_extended(previous, ty);
    }

    /// A narrow access compares only the low bits of the expected value.
    fn atomic_cmpxchg(&mut self, memarg: &MemArg) {
        let [index, expected, replacement] = self.pop_n();
        let ty = self.builder.func.dfg.value_type(expected);
        let (address, access) = self.atomic_address(memarg, index);
        let flags = self.in_region(heap_access(), Region::Heap);
        let (expected, replacement) = (self.narrow(expected, access), self.narrow(replacement, access));
        let previous = self.builder.ins().atomic_cas(flags, address, expected, replacement);
        self.push_extended(previous, ty);
    }

    /// Address of the word that the runtime examines, checked.
    fn wait_address(&mut self, memarg: &MemArg, index: Value) -> Value {
        self.check_alignment(memarg, index);
        self.checked_address(self.memory_of(memarg), index, memarg.offset, 1 << memarg.align)
    }

    fn is_shared(&self, memarg: &MemArg) -> bool {
        self.env.program.memories[self.memory_of(memarg)].ty.shared
    }

    fn atomic_wait(&mut self, memarg: &MemArg, wait: Builtin) {
        let [index, expected, timeout] = self.pop_n();
        let address = self.wait_address(memarg, index);
        if !self.is_shared(memarg) {
            // No one could wake the waiter.
            self.builder.ins().trap(trap_code(Trap::ExpectedSharedMemory));
            self.reachable = false;
            return;
        }
        let result = self.call_builtin(wait, &[address, expected, timeout]);
        self.stack.push(result);
    }

    fn atomic_notify(&mut self, memarg: &MemArg) {
        let [index, count] = self.pop_n();
        let address = self.wait_address(memarg, index);
        // No one can be waiting on a memory that isn't shared.
        let woken = match self.is_shared(memarg) {
            true => self.call_builtin(Builtin::AtomicNotify, &[address, count]),
            false => self.builder.ins().iconst(types::I32, 0),
        };
        self.stack.push(woken);
    }
}
