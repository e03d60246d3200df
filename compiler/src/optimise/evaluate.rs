//! Executes CLIF of integers, for tests: which addresses a function accesses, and how it ends.

use cranelift_codegen::ir::{
    Block, BlockCall, Function, Inst, InstructionData, Opcode, TrapCode, Type, Value, types,
};
use cranelift_entity::SecondaryMap;

use crate::translate::HEAP_ACCESS;

/// How an execution ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Returned,
    Trapped(TrapCode),
    /// It would have gone on.
    TooLong,
}

/// What an execution does that can be seen.
#[derive(Debug, PartialEq, Eq)]
pub struct Trace {
    /// The last one traps, if the end is `HEAP_ACCESS`.
    pub addresses: Vec<u64>,
    pub end: End,
}

/// Accesses after which an execution ends.
const MOST_ACCESSES: usize = 24;

/// A linear memory at an address, of a size in bytes.
pub struct Memory {
    pub base: u64,
    pub bytes: u64,
}

/// Executes a function. What is loaded from an address depends on the address alone.
pub fn evaluate(func: &Function, memory: &Memory, arguments: &[u64]) -> Trace {
    let entry = func.layout.entry_block().expect("a function has a block");
    let trace = Trace { addresses: Vec::new(), end: End::TooLong };
    let mut execution = Execution { func, memory, values: SecondaryMap::new(), trace };
    execution.enter(entry, arguments);
    let mut block = entry;
    while let Some(next) = execution.block(block) {
        block = next;
    }
    execution.trace
}

struct Execution<'e> {
    func: &'e Function,
    memory: &'e Memory,
    /// Zero-extended.
    values: SecondaryMap<Value, u64>,
    trace: Trace,
}

impl Execution<'_> {
    fn enter(&mut self, block: Block, arguments: &[u64]) {
        for (param, argument) in self.func.dfg.block_params(block).iter().zip(arguments) {
            self.values[*param] = *argument;
        }
    }

    /// The block that comes next; none if the execution ends.
    fn block(&mut self, block: Block) -> Option<Block> {
        for inst in self.func.layout.block_insts(block) {
            match self.func.dfg.insts[inst] {
                InstructionData::Jump { destination, .. } => return Some(self.branch(destination)),
                InstructionData::Brif { arg, blocks, .. } => {
                    let way = usize::from(self.value(arg) == 0);
                    return Some(self.branch(blocks[way]));
                }
                InstructionData::MultiAry { opcode: Opcode::Return, .. } => {
                    self.trace.end = End::Returned;
                    return None;
                }
                InstructionData::CondTrap { opcode: Opcode::Trapnz, arg, code } => {
                    if self.value(arg) != 0 {
                        self.trace.end = End::Trapped(code);
                        return None;
                    }
                }
                InstructionData::Load { arg, offset, .. } => self.access(inst, arg, offset.into())?,
                InstructionData::Store { args, offset, .. } => self.access(inst, args[1], offset.into())?,
                _ => {
                    let result = self.func.dfg.first_result(inst);
                    self.values[result] = self.compute(inst) & ones(self.func.dfg.value_type(result));
                }
            }
        }
        unreachable!("a block ends with a branch")
    }

    fn branch(&mut self, call: BlockCall) -> Block {
        let lists = &self.func.dfg.value_lists;
        let arguments = call.args(lists).map(|argument| argument.as_value().expect("no calls"));
        let arguments: Vec<u64> = arguments.map(|value| self.value(value)).collect();
        let block = call.block(lists);
        self.enter(block, &arguments);
        block
    }

    fn value(&self, value: Value) -> u64 {
        self.values[self.func.dfg.resolve_aliases(value)]
    }

    /// None if the execution ends.
    fn access(&mut self, inst: Inst, address: Value, offset: i32) -> Option<()> {
        let address = self.value(address).wrapping_add_signed(offset.into());
        self.trace.addresses.push(address);
        let ty = match self.func.dfg.inst_results(inst).first() {
            Some(result) => self.func.dfg.value_type(*result),
            None => self.func.dfg.value_type(self.func.dfg.inst_args(inst)[0]),
        };
        let bytes = match self.func.dfg.insts[inst].opcode() {
            Opcode::Uload8 => 1,
            _ => u64::from(ty.bytes()),
        };
        let last = u128::from(address.wrapping_sub(self.memory.base)) + u128::from(bytes);
        if last > u128::from(self.memory.bytes) {
            self.trace.end = End::Trapped(HEAP_ACCESS);
            return None;
        }
        if let Some(result) = self.func.dfg.inst_results(inst).first() {
            let contents = address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            self.values[*result] = contents & (u64::MAX >> (64 - 8 * bytes)) & ones(ty);
        }
        (self.trace.addresses.len() < MOST_ACCESSES).then_some(())
    }

    fn compute(&self, inst: Inst) -> u64 {
        let ty = self.func.dfg.value_type(self.func.dfg.first_result(inst));
        match self.func.dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => imm.bits() as u64,
            InstructionData::Unary { opcode: Opcode::Uextend | Opcode::Ireduce, arg } => self.value(arg),
            InstructionData::Unary { opcode: Opcode::Sextend, arg } => {
                let unused = 64 - self.func.dfg.value_type(arg).bits();
                ((self.value(arg) << unused) as i64 >> unused) as u64
            }
            InstructionData::Binary { opcode, args } => {
                let [left, right] = args.map(|arg| self.value(arg));
                match opcode {
                    Opcode::Iadd => left.wrapping_add(right),
                    Opcode::Isub => left.wrapping_sub(right),
                    Opcode::Band => left & right,
                    Opcode::Ishl => left << (right % u64::from(ty.bits())),
                    Opcode::Ushr => left >> (right % u64::from(ty.bits())),
                    _ => unreachable!("{opcode}"),
                }
            }
            InstructionData::IntCompare { args, cond, .. } => {
                let unused = 64 - self.func.dfg.value_type(args[0]).bits();
                let [left, right] = args.map(|arg| self.value(arg) << unused);
                use cranelift_codegen::ir::condcodes::IntCC::*;
                u64::from(match cond {
                    Equal => left == right,
                    NotEqual => left != right,
                    UnsignedLessThan => left < right,
                    UnsignedLessThanOrEqual => left <= right,
                    UnsignedGreaterThan => left > right,
                    UnsignedGreaterThanOrEqual => left >= right,
                    SignedLessThan => (left as i64) < right as i64,
                    SignedLessThanOrEqual => left as i64 <= right as i64,
                    SignedGreaterThan => left as i64 > right as i64,
                    SignedGreaterThanOrEqual => left as i64 >= right as i64,
                })
            }
            other => unreachable!("{other:?}"),
        }
    }
}

fn ones(ty: Type) -> u64 {
    match ty {
        types::I64 => u64::MAX,
        _ => (1 << ty.bits()) - 1,
    }
}
