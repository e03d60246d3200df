//! Objects of the garbage-collected heap, see `wasm_aot_abi::gc`.
//!
//! Rules that keep compiled code and a collector that moves objects apart:
//!
//! - every value that may be a reference to an object is declared (`track`) where it is defined, so Cranelift keeps
//!   it in the frame across calls, where the collector finds and updates it;
//! - an address within an object is computed where it is used, and never kept across a call;
//! - a load from an object is never marked as a load of constant data, which could be moved across a call;
//! - between an allocation and the stores that complete the object there is no call that could start a
//!   collection;
//! - a reference is stored into an object together with its card (`mark_card`), unless the object is new.

mod allocate;
mod array;
mod cast;
mod constant;
mod field;
mod structure;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::{HeapType, RefType, ValType};

use super::environment::trap_code;
use super::operator::operators;
use super::translator::Translator;
use crate::parse::TypeIndex;
use crate::program::{self, TypeId};

// Operators that need no object.
operators! { |t|
    RefI31 => {
        let value = t.pop();
        let reference = t.i31(value);
        t.stack.push(reference);
    },
    I31GetS => {
        let bits = t.pop_i31();
        let value = t.builder.ins().sshr_imm_u(bits, 1);
        t.stack.push(value);
    },
    I31GetU => {
        let bits = t.pop_i31();
        let value = t.builder.ins().ushr_imm_u(bits, 1);
        t.stack.push(value);
    },
    RefEq => {
        let [left, right] = t.pop_n();
        let equal = t.builder.ins().icmp(IntCC::Equal, left, right);
        let equal = t.builder.ins().uextend(types::I32, equal);
        t.stack.push(equal);
    },
    // Both hierarchies have the same words.
    AnyConvertExtern | ExternConvertAny => {},
}

impl Translator<'_, '_, '_> {
    fn i31(&mut self, value: Value) -> Value {
        let shifted = self.builder.ins().ishl_imm_u(value, 1);
        let tagged = self.builder.ins().bor_imm_u(shifted, 1);
        self.builder.ins().uextend(types::I64, tagged)
    }

    fn pop_i31(&mut self) -> Value {
        let reference = self.pop();
        let null = self.builder.ins().icmp_imm_u(IntCC::Equal, reference, 0);
        self.builder.ins().trapnz(null, trap_code(Trap::NullI31));
        self.builder.ins().ireduce(types::I32, reference)
    }

    fn type_id(&self, index: u32) -> TypeId {
        self.instance.types[TypeIndex::from_u32(index)]
    }

    /// Declares a value that has this type of the module, where it is defined.
    pub fn track(&mut self, value: Value, ty: ValType) {
        if self.env.facts.uses_gc() {
            self.track_canonical(value, program::canonical(ty, &self.instance.types));
        }
    }

    /// Like `track`, for a canonical type.
    ///
    /// The first type noted for a value is valid wherever the value is: it is the type of its definition. Later
    /// ones, which might be valid only in some places, are not noted.
    pub fn track_canonical(&mut self, value: Value, ty: ValType) {
        let ValType::Ref(ty) = ty else { return };
        if self.env.layout.objects.is_traced(ValType::Ref(ty)) && !self.known.contains_key(&value) {
            self.known.insert(value, ty);
            self.builder.declare_value_needs_stack_map(value);
        }
    }

    /// Like `track`, for the results of a call.
    pub fn track_results(&mut self, values: &[Value], signature: TypeId) {
        if !self.env.facts.uses_gc() {
            return;
        }
        let program = self.env.program;
        for (value, ty) in values.iter().zip(program.signature(signature).results()) {
            self.track_canonical(*value, *ty);
        }
    }

    /// What is known about the type of a value.
    fn known_type(&self, value: Value) -> Option<RefType> {
        self.known.get(&value).copied()
    }

    /// Whether the value can be null.
    fn may_be_null(&self, value: Value) -> bool {
        self.known_type(value).is_none_or(|ty| ty.is_nullable())
    }

    /// The same value under another name, about which more is known.
    fn refined(&mut self, value: Value, ty: RefType) -> Value {
        if !self.env.facts.uses_gc() {
            return value;
        }
        let copy = self.builder.ins().iadd_imm_s(value, 0);
        self.track_canonical(copy, ValType::Ref(ty));
        copy
    }

    fn non_null(&self, id: TypeId) -> ValType {
        let index = wasmparser::UnpackedIndex::Module(id.as_u32());
        ValType::Ref(RefType::new(false, HeapType::Concrete(index)).expect("no more types than a module has"))
    }
}
