//! Type tests and casts. The types of objects and functions are numbered so that a type and its subtypes are a
//! range (`program::Types`).

use std::ops::Range;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value, types};
use wasm_aot_abi::layout::FuncRef;
use wasm_aot_abi::trap::Trap;
use wasmparser::{AbstractHeapType, HeapType, RefType, ValType};

use super::super::environment::{trap_code, trusted};
use super::super::operator::operators;
use super::super::translator::{Region, Translator};
use crate::layout;
use crate::program::{self, Hierarchy, named_type};

/// What distinguishes the values of a heap type, except null, from others in its hierarchy.
enum Class {
    /// Every value is of the type.
    All,
    /// No value is of the type.
    Nothing,
    /// Everything except host references.
    Eq,
    I31,
    /// An object whose type has a number in this range.
    Object(Range<u32>),
    /// A function whose type has a number in this range.
    Function(Range<u32>),
}

/// What happens to a value that isn't of the type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Otherwise {
    Result,
    Trap,
}

operators! { |t|
    RefTestNonNull { hty } => t.ref_test(t.target(false, hty)),
    RefTestNullable { hty } => t.ref_test(t.target(true, hty)),
    RefCastNonNull { hty } => t.ref_cast(t.target(false, hty)),
    RefCastNullable { hty } => t.ref_cast(t.target(true, hty)),
    BrOnCast { relative_depth, to_ref_type, .. } => {
        let to = program::canonical_ref(to_ref_type, &t.instance.types);
        match t.test(t.peek(), to, Otherwise::Result) {
            Some(fits) => t.branch_if(fits, relative_depth),
            None => {
                let (target, arguments) = t.branch_target(relative_depth);
                t.builder.ins().jump(target, &arguments);
                t.reachable = false;
            }
        }
    },
    BrOnCastFail { relative_depth, to_ref_type, .. } => {
        let to = program::canonical_ref(to_ref_type, &t.instance.types);
        if let Some(fits) = t.test(t.peek(), to, Otherwise::Result) {
            let fails = t.builder.ins().icmp_imm_u(IntCC::Equal, fits, 0);
            t.branch_if(fails, relative_depth);
            let value = t.pop();
            let value = t.refined(value, to);
            t.stack.push(value);
        }
    },
}

impl Translator<'_, '_, '_> {
    fn target(&self, nullable: bool, ty: HeapType) -> RefType {
        let ty = program::canonical_heap(ty, &self.instance.types);
        RefType::new(nullable, ty).expect("no more types than a module has")
    }

    fn ref_test(&mut self, to: RefType) {
        let value = self.pop();
        let fits = match self.test(value, to, Otherwise::Result) {
            Some(fits) => self.builder.ins().uextend(types::I32, fits),
            None => self.builder.ins().iconst(types::I32, 1),
        };
        self.stack.push(fits);
    }

    fn ref_cast(&mut self, to: RefType) {
        if let Some(fits) = self.test(self.peek(), to, Otherwise::Trap) {
            self.builder.ins().trapz(fits, trap_code(Trap::CastFailure));
            let value = self.pop();
            let value = self.refined(value, to);
            self.stack.push(value);
        }
    }

    fn class(&self, ty: HeapType) -> Class {
        use AbstractHeapType::{Any, Array, Eq, Exn, Extern, Func, I31, Struct};
        let types = &self.env.program.types;
        match ty {
            HeapType::Abstract { ty: Any | Func | Extern | Exn, .. } => Class::All,
            HeapType::Abstract { ty: Eq, .. } => Class::Eq,
            HeapType::Abstract { ty: I31, .. } => Class::I31,
            HeapType::Abstract { ty: Struct, .. } => Class::Object(types.struct_range()),
            HeapType::Abstract { ty: Array, .. } => Class::Object(types.array_range()),
            HeapType::Abstract { .. } => Class::Nothing,
            _ => match (named_type(ty), types.hierarchy(ty)) {
                (Some(id), Hierarchy::Func) => Class::Function(types.range(id)),
                (Some(id), _) => Class::Object(types.range(id)),
                (None, _) => Class::Nothing,
            },
        }
    }

    /// Whether the value is of this type; none if it is known to be.
    fn test(&mut self, value: Value, to: RefType, otherwise: Otherwise) -> Option<Value> {
        let known = self.known_type(value);
        let types = &self.env.program.types;
        if known.is_some_and(|known| types.matches(ValType::Ref(known), ValType::Ref(to))) {
            return None;
        }
        let nullable = to.is_nullable();
        Some(match self.class(to.heap_type()) {
            Class::All if nullable => return None,
            Class::All => self.builder.ins().icmp_imm_u(IntCC::NotEqual, value, 0),
            Class::Nothing if nullable => self.builder.ins().icmp_imm_u(IntCC::Equal, value, 0),
            Class::Nothing => self.builder.ins().iconst(types::I8, 0),
            Class::Eq => {
                let tag = self.builder.ins().band_imm_u(value, 3);
                let fits = self.builder.ins().icmp_imm_u(IntCC::NotEqual, tag, 2);
                self.unless_null(value, nullable, fits)
            }
            Class::I31 => {
                let tag = self.builder.ins().band_imm_u(value, 1);
                let fits = self.builder.ins().icmp_imm_u(IntCC::NotEqual, tag, 0);
                match nullable {
                    true => {
                        let null = self.builder.ins().icmp_imm_u(IntCC::Equal, value, 0);
                        self.builder.ins().bor(fits, null)
                    }
                    false => fits,
                }
            }
            Class::Object(range) => self.test_object(value, nullable, range, otherwise),
            Class::Function(range) => {
                let maybe_null = nullable || otherwise == Otherwise::Result;
                let pointer = self.builder.ins().icmp_imm_u(IntCC::NotEqual, value, 0);
                let pointer = maybe_null.then_some(pointer);
                self.test_behind(value, pointer, nullable, |translator| {
                    let flags = translator.faulting(otherwise);
                    let number = translator.builder.ins().load(types::I64, flags, value, FuncRef::SIGNATURE);
                    translator.in_range(number, range, |number| number)
                })
            }
        })
    }

    /// Like `fits`, except for null.
    fn unless_null(&mut self, value: Value, nullable: bool, fits: Value) -> Value {
        if nullable {
            return fits;
        }
        let present = self.builder.ins().icmp_imm_u(IntCC::NotEqual, value, 0);
        self.builder.ins().band(fits, present)
    }

    /// Whether the value is an object with a type in this range.
    fn test_object(
        &mut self,
        value: Value,
        nullable: bool,
        range: Range<u32>,
        otherwise: Otherwise,
    ) -> Value {
        let known = self.known_type(value);
        // A null that must trap does so when its header is loaded.
        let null_faults = !nullable && otherwise == Otherwise::Trap;
        let maybe_null = !null_faults && self.may_be_null(value);
        let mut pointer = maybe_null.then(|| self.builder.ins().icmp_imm_u(IntCC::NotEqual, value, 0));
        if !known.is_some_and(is_object) {
            let tag = self.builder.ins().band_imm_u(value, 3);
            let untagged = self.builder.ins().icmp_imm_u(IntCC::Equal, tag, 0);
            pointer = Some(match pointer {
                Some(present) => self.builder.ins().band(present, untagged),
                None => untagged,
            });
        }
        let nullable = nullable && self.may_be_null(value);
        self.test_behind(value, pointer, nullable, |translator| {
            let flags = match null_faults {
                true => translator.faulting(otherwise),
                false => trusted(),
            };
            let flags = translator.in_region(flags, Region::Objects);
            let header = translator.builder.ins().load(types::I32, flags, value, 0);
            translator.in_range(header, range, layout::header)
        })
    }

    /// Flags of a load that faults on null if the cast must trap then.
    fn faulting(&self, otherwise: Otherwise) -> MemFlagsData {
        match otherwise {
            Otherwise::Result => trusted(),
            Otherwise::Trap => {
                MemFlagsData::new().with_aligned().with_trap_code(Some(trap_code(Trap::CastFailure)))
            }
        }
    }

    /// The result of `test` if `pointer` is true or absent; otherwise whether the value is null and null is
    /// accepted.
    fn test_behind(
        &mut self,
        value: Value,
        pointer: Option<Value>,
        nullable: bool,
        test: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let Some(pointer) = pointer else { return test(self) };
        let other = match nullable {
            true => self.builder.ins().icmp_imm_u(IntCC::Equal, value, 0),
            false => self.builder.ins().iconst(types::I8, 0),
        };
        let (behind, done) = (self.builder.create_block(), self.builder.create_block());
        let result = self.builder.append_block_param(done, types::I8);
        self.builder.ins().brif(pointer, behind, &[], done, &[BlockArg::Value(other)]);
        self.builder.seal_block(behind);
        self.builder.switch_to_block(behind);
        let fits = test(self);
        self.builder.ins().jump(done, &[BlockArg::Value(fits)]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
        result
    }

    /// Whether the number is in the range. `place`: how a number is represented where this one was loaded.
    pub fn in_range(&mut self, number: Value, range: Range<u32>, place: impl Fn(u32) -> u32) -> Value {
        let (start, end) = (i64::from(place(range.start)), i64::from(place(range.end)));
        if range.len() == 1 {
            return self.builder.ins().icmp_imm_u(IntCC::Equal, number, start);
        }
        let distance = match start {
            0 => number,
            _ => self.builder.ins().iadd_imm_s(number, -start),
        };
        self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, distance, end - start)
    }
}

/// Whether all values of this type are objects or null.
fn is_object(ty: RefType) -> bool {
    use AbstractHeapType::{Array, None as Bottom, Struct};
    match ty.heap_type() {
        HeapType::Abstract { ty, .. } => matches!(ty, Struct | Array | Bottom),
        _ => true,
    }
}
