//! What all translations share: types, signatures, flags of memory accesses.

use std::collections::HashMap;

use cranelift_codegen::ir::{
    AbiParam, ArgumentExtension, ArgumentPurpose, Endianness, MemFlagsData, Signature, TrapCode, Type, types,
};
use cranelift_codegen::isa::CallConv;
use wasm_aot_abi::builtin::{Builtin, Passed};
use wasm_aot_abi::host::Flat;
use wasm_aot_abi::trap::Trap;
use wasmparser::ValType;

use super::labels::Wanted;
use crate::facts::{Element, Facts, Inlining};
use crate::layout::{Bounds, Layout};
use crate::program::{BoundId, FuncId, FuncKind, HostFunction, Program, TableId, TypeId};
use crate::targets::{DebugRegisters, FreeExtensions, Target};

/// The trap code of linear memory accesses that trap only by faulting. It isn't in the trap table: the
/// runtime recognises these traps by the address of the fault.
pub const HEAP_ACCESS: TrapCode = TrapCode::HEAP_OUT_OF_BOUNDS;

/// Cranelift's trap code for a trap.
pub fn trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(trap as u8)
}

/// The options of a build that affect the code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// `--relaxed-simd-deterministic`.
    pub relaxed_simd_deterministic: bool,
    /// `--soft-limits`.
    pub soft_limits: bool,
    /// Whether indirect calls that can only lead to one or two functions become direct calls.
    pub devirtualise: bool,
}

/// What the translations of all functions share.
pub struct Environment<'p, 'a> {
    pub program: &'p Program<'a>,
    pub facts: &'p Facts,
    pub layout: &'p Layout<'p, 'a>,
    pub options: Options,
    /// Which calls are inlined.
    pub inlining: Inlining,
    /// What debug information names, by function.
    pub wanted: HashMap<FuncId, Wanted>,
    pub debug_registers: &'static DebugRegisters,
    pub free_extensions: FreeExtensions,
    /// How functions of the runtime expect 32-bit integers.
    c_integers: ArgumentExtension,
    c_convention: CallConv,
    /// The most bytes that a memory has, if each has indices of 32 bits and a guard region.
    pub narrow_memory: Option<u64>,
    /// Whether functions of a library's interface can leave their parameters where they are: see `codegen::thunk`.
    pub has_thunks: bool,
}

impl<'p, 'a> Environment<'p, 'a> {
    pub fn new(layout: &'p Layout<'p, 'a>, target: &Target, options: Options) -> Environment<'p, 'a> {
        Environment {
            program: layout.program,
            facts: layout.facts,
            layout,
            options,
            inlining: Inlining::default(),
            wanted: HashMap::new(),
            debug_registers: target.debug_registers(),
            free_extensions: target.free_extensions(),
            c_integers: target.c_integers,
            c_convention: target.c_convention,
            narrow_memory: narrow_memory(layout),
            has_thunks: target.thunks,
        }
    }

    /// All elements that an indirect call through the table with this signature may lead to, if it is to call them directly.
    pub fn targets(&self, table: TableId, signature: TypeId) -> &'p [Element] {
        if self.options.devirtualise { self.facts.targets(table, signature) } else { &[] }
    }

    /// CLIF signature of a function for direct calls.
    pub fn function_signature(&self, func: FuncId) -> Signature {
        let plan = &self.program.funcs[func];
        match plan.kind {
            FuncKind::Host(host) => self.host_signature(host),
            FuncKind::Bound(bound) => self.bound_signature(plan.signature, bound),
            FuncKind::Embedder(_) => self.embedder_signature(plan.signature),
            _ => self.signature(plan.signature, self.facts.has_tail_convention(func)),
        }
    }

    /// CLIF signature of the functions with this signature for calls through a table or a reference.
    pub fn indirect_signature(&self, signature: TypeId) -> Signature {
        self.signature(signature, self.facts.signature_has_tail_convention(self.program, signature))
    }

    fn signature(&self, signature: TypeId, tail: bool) -> Signature {
        let ty = self.program.signature(signature);
        let extension = match self.layout.hosts.may_have_type(signature) {
            true => self.c_integers,
            false => ArgumentExtension::None,
        };
        let mut signature = Signature::new(if tail { CallConv::Tail } else { CallConv::SystemV });
        if self.layout.state.is_some() {
            signature.params.push(AbiParam::special(types::I64, ArgumentPurpose::VMContext));
        }
        signature.params.extend(ty.params().iter().map(|ty| param(value_type(*ty), extension)));
        signature.returns.extend(ty.results().iter().map(|ty| AbiParam::new(value_type(*ty))));
        signature
    }

    /// CLIF signature of a host function.
    pub fn host_signature(&self, function: &HostFunction) -> Signature {
        let ty = |flat| match flat {
            Flat::I32 => types::I32,
            Flat::I64 => types::I64,
        };
        let params: Vec<Type> = function.params().map(ty).collect();
        self.runtime_signature(&params, function.result().map(ty).as_slice())
    }

    /// CLIF signature of a function of the runtime that gets the parameters of its core function, then constants, which
    /// are addresses. Two results of 32 bits are one of 64, the first in the lower half.
    fn bound_signature(&self, signature: TypeId, bound: BoundId) -> Signature {
        let ty = self.program.signature(signature);
        let bound = &self.program.canonical.bound[bound];
        let constants = bound.constants.iter().map(|_| types::I64);
        let params = match bound.function.takes_address() {
            true => vec![types::I64],
            false => ty.params().iter().map(|ty| value_type(*ty)).collect(),
        };
        let params: Vec<Type> = params.into_iter().chain(constants).collect();
        match ty.results() {
            _ if bound.function.returns_at_address() => self.runtime_signature(&params, &[]),
            [ValType::I32, ValType::I32] => self.runtime_signature(&params, &[types::I64]),
            results => {
                let results: Vec<Type> = results.iter().map(|ty| value_type(*ty)).collect();
                self.runtime_signature(&params, &results)
            }
        }
    }

    /// CLIF signature of code through which the runtime calls a function of the program.
    pub fn entry_signature(&self, func: FuncId) -> Signature {
        let ty = self.program.signature(self.program.funcs[func].signature);
        let params: Vec<Type> = ty.params().iter().map(|ty| value_type(*ty)).collect();
        let results: Vec<Type> = ty.results().iter().map(|ty| value_type(*ty)).collect();
        self.runtime_signature(&params, &results)
    }

    /// CLIF signature of a builtin. Builtins that throw have a calling convention that exceptions can propagate
    /// through, as all Wasm code has.
    pub fn builtin_signature(&self, builtin: Builtin) -> Signature {
        let params: Vec<Type> = builtin.params().iter().map(|passed| passed_type(*passed)).collect();
        let mut signature = self.runtime_signature(&params, builtin.result().map(passed_type).as_slice());
        if builtin.unwinds() {
            signature.call_conv = CallConv::SystemV;
        }
        signature
    }

    /// A parameter or result of C, whose 32-bit integers are signed. Conventions that extend them extend all.
    pub fn signed(&self, ty: Type) -> AbiParam {
        let extension = match self.c_integers {
            ArgumentExtension::None => ArgumentExtension::None,
            _ => ArgumentExtension::Sext,
        };
        param(ty, extension)
    }

    /// CLIF signature of a function of the runtime, whose 32-bit integers are unsigned.
    pub fn runtime_signature(&self, params: &[Type], results: &[Type]) -> Signature {
        let mut signature = Signature::new(self.c_convention);
        signature.params.extend(params.iter().map(|ty| param(*ty, self.c_integers)));
        signature.returns.extend(results.iter().map(|ty| AbiParam::new(*ty)));
        signature
    }
}

/// CLIF type of a value that is passed to a builtin or returned by one.
pub fn passed_type(passed: Passed) -> Type {
    match passed {
        Passed::I32 => types::I32,
        Passed::I64 => types::I64,
        Passed::F32 => types::F32,
        Passed::F64 => types::F64,
    }
}

/// A parameter, extended to 64 bits if it is a narrow integer.
fn param(ty: Type, extension: ArgumentExtension) -> AbiParam {
    let extension = if ty == types::I32 { extension } else { ArgumentExtension::None };
    AbiParam { extension, ..AbiParam::new(ty) }
}

/// CLIF type of a Wasm type. References are 64-bit words: addresses of `FuncRef`s, or what `wasm_aot_abi::gc` says; 0
/// is null.
pub fn value_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 | ValType::Ref(_) => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
    }
}

fn narrow_memory(layout: &Layout<'_, '_>) -> Option<u64> {
    let mut sizes = layout.program.memories.iter().map(|(memory, plan)| {
        let is_narrow = layout.memory(memory).bounds(0) == Bounds::Guard;
        let grows = layout.facts.memory(memory).grows;
        is_narrow.then_some(if grows { plan.maximum_bytes() } else { plan.initial_bytes() })
    });
    sizes.try_fold(0, |most, size| Some(size?.max(most)))
}

/// Flags of accesses to our own data, which never fault.
pub fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

/// Flags of accesses to linear memory.
pub fn heap_access() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little).with_trap_code(Some(HEAP_ACCESS))
}
