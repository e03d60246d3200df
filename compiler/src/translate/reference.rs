//! References and globals.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::{Operator, ValType};

use super::environment::{trap_code, trusted, value_type};
use super::function::{Region, Translator};
use super::symbol::Symbol;
use crate::parse::{FuncIndex, GlobalIndex};
use crate::program::{self, GlobalId};

impl Translator<'_, '_, '_> {
    pub fn reference_operator(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::RefNull { .. } => {
                let null = self.builder.ins().iconst(types::I64, 0);
                self.stack.push(null);
            }
            Operator::RefIsNull => {
                let reference = self.pop();
                let null = self.builder.ins().icmp_imm_u(IntCC::Equal, reference, 0);
                let null = self.builder.ins().uextend(types::I32, null);
                self.stack.push(null);
            }
            Operator::RefAsNonNull => {
                let null = self.is_null();
                self.builder.ins().trapnz(null, trap_code(Trap::NullReference));
            }
            Operator::BrOnNull { relative_depth } => {
                let null = self.is_null();
                let reference = self.pop();
                self.branch_if(null, relative_depth);
                self.stack.push(reference);
            }
            Operator::BrOnNonNull { relative_depth } => {
                // The reference is the last operand of the branch.
                let null = self.is_null();
                let present = self.builder.ins().bxor_imm_u(null, 1);
                self.branch_if(present, relative_depth);
                self.pop();
            }
            Operator::RefFunc { function_index } => {
                let func = self.instance.funcs[FuncIndex::from_u32(function_index)];
                let reference = self.symbol(Symbol::FuncRef(func));
                self.stack.push(reference);
            }
            Operator::GlobalGet { global_index } => {
                let global = self.instance.globals[GlobalIndex::from_u32(global_index)];
                let value = self.global_get(global);
                self.stack.push(value);
            }
            Operator::GlobalSet { global_index } => {
                let global = self.instance.globals[GlobalIndex::from_u32(global_index)];
                let value = self.pop();
                self.global_set(global, value);
            }
            _ => return false,
        }
        true
    }

    /// Is the reference on top of the stack null?
    fn is_null(&mut self) -> Value {
        let reference = self.peek();
        self.builder.ins().icmp_imm_u(IntCC::Equal, reference, 0)
    }

    /// Value of a global: a constant if nothing writes it.
    pub fn global_get(&mut self, global: GlobalId) -> Value {
        let plan = &self.env.program.globals[global];
        if !plan.written {
            return self.constant_value(plan.init);
        }
        let ty = value_type(plan.ty.content_type);
        let globals = self.globals();
        let flags = self.global_access(global);
        let value = self.builder.ins().load(ty, flags, globals, self.env.global_offset(global));
        self.track_canonical(value, plan.ty.content_type);
        value
    }

    pub fn global_set(&mut self, global: GlobalId, value: Value) {
        let globals = self.globals();
        let flags = self.global_access(global);
        self.builder.ins().store(flags, value, globals, self.env.global_offset(global));
    }

    /// Flags of accesses to a global. Vectors are in little-endian order everywhere, as their bytes are
    /// numbered.
    fn global_access(&mut self, global: GlobalId) -> MemFlagsData {
        let flags = match self.env.program.globals[global].ty.content_type {
            ValType::V128 => trusted().with_endianness(Endianness::Little),
            _ => trusted(),
        };
        self.in_region(flags, Region::Globals)
    }

    /// A value known at compile time.
    pub fn constant_value(&mut self, value: program::Value) -> Value {
        match value {
            program::Value::I32(value) => self.builder.ins().iconst(types::I32, i64::from(value as u32)),
            program::Value::I64(value) => self.builder.ins().iconst(types::I64, value),
            program::Value::F32(bits) => self.builder.ins().f32const(Ieee32::with_bits(bits)),
            program::Value::F64(bits) => self.builder.ins().f64const(Ieee64::with_bits(bits)),
            program::Value::V128(bytes) => self.vector_constant(bytes, types::I8X16),
            program::Value::Null | program::Value::Extern(_) | program::Value::I31(_) => {
                let bits = value.bits().unwrap_or(0);
                self.builder.ins().iconst(types::I64, bits as i64)
            }
            program::Value::Late => unreachable!("what is made when the program runs is no constant"),
            program::Value::Func(func) => self.symbol(Symbol::FuncRef(func)),
        }
    }
}
