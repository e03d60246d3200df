//! References and globals.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::ValType;

use super::environment::{trap_code, trusted, value_type};
use super::operator::operators;
use super::translator::{Region, Translator};
use crate::layout::Symbol;
use crate::parse::{FuncIndex, GlobalIndex};
use crate::program::{self, GlobalId};

operators! { |t|
    RefNull { .. } => {
        let null = t.builder.ins().iconst(types::I64, 0);
        t.stack.push(null);
    },
    RefIsNull => {
        let reference = t.pop();
        let null = t.builder.ins().icmp_imm_u(IntCC::Equal, reference, 0);
        let null = t.builder.ins().uextend(types::I32, null);
        t.stack.push(null);
    },
    RefAsNonNull => {
        let null = t.is_null();
        t.builder.ins().trapnz(null, trap_code(Trap::NullReference));
    },
    BrOnNull { relative_depth } => {
        let null = t.is_null();
        let reference = t.pop();
        t.branch_if(null, relative_depth);
        t.stack.push(reference);
    },
    BrOnNonNull { relative_depth } => {
        // The reference is the last operand of the branch.
        let null = t.is_null();
        let present = t.builder.ins().bxor_imm_u(null, 1);
        t.branch_if(present, relative_depth);
        t.pop();
    },
    RefFunc { function_index } => {
        let func = t.instance.funcs[FuncIndex::from_u32(function_index)];
        let reference = match t.env.program.canonical.adapters.contains(&t.instance_id) {
            // Adapters give functions only to the runtime.
            true => t.symbol(Symbol::SpilledEntry(func)),
            false => t.symbol(Symbol::FuncRef(func)),
        };
        t.stack.push(reference);
    },
    GlobalGet { global_index } => {
        let global = t.instance.globals[GlobalIndex::from_u32(global_index)];
        let value = t.global_get(global);
        t.stack.push(value);
    },
    GlobalSet { global_index } => {
        let global = t.instance.globals[GlobalIndex::from_u32(global_index)];
        let value = t.pop();
        t.global_set(global, value);
    },
}

impl Translator<'_, '_, '_> {
    /// Whether the reference on top of the stack is null.
    fn is_null(&mut self) -> Value {
        let reference = self.peek();
        self.builder.ins().icmp_imm_u(IntCC::Equal, reference, 0)
    }

    /// The value of a global: a constant if nothing writes it.
    pub fn global_get(&mut self, global: GlobalId) -> Value {
        let plan = &self.env.program.globals[global];
        if self.env.facts.global(global).is_constant() || self.env.facts.is_idle_flag(global) {
            return self.constant_value(plan.init);
        }
        let ty = value_type(plan.ty.content_type);
        let globals = self.globals();
        let flags = self.global_access(global);
        let value = self.builder.ins().load(ty, flags, globals, self.env.layout.global_offset(global));
        self.track_canonical(value, plan.ty.content_type);
        self.record(|recorder, _| recorder.global(global, value));
        value
    }

    pub fn global_set(&mut self, global: GlobalId, value: Value) {
        if self.env.facts.is_idle_flag(global) {
            return;
        }
        self.record(|recorder, _| recorder.write_global(global));
        let globals = self.globals();
        let flags = self.global_access(global);
        self.builder.ins().store(flags, value, globals, self.env.layout.global_offset(global));
    }

    /// Flags of accesses to a global. Vectors are in little-endian order everywhere, since that is how their
    /// bytes are numbered.
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
