//! What every translation shares: types, signatures, flags of memory accesses, lengths of segments.

use std::collections::{BTreeSet, HashMap, HashSet};

use cranelift_codegen::ir::{
    AbiParam, ArgumentExtension, Endianness, MemFlagsData, Signature, TrapCode, Type, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_entity::SecondaryMap;
use wasm_aot_abi::builtin::{Builtin, Passed};
use wasm_aot_abi::host::{Flat, Outcome, Variant};
use wasm_aot_abi::layout;
use wasm_aot_abi::trace;
use wasm_aot_abi::trap::Trap;
use wasmparser::ValType;

use crate::parse::{DataIndex, ElementIndex, SegmentKind};
use crate::program::{FuncId, FuncKind, GlobalId, HostFunction, InitStep, InstanceId, Program, TypeId};
use crate::targets::Target;

/// Code of the accesses of linear memory that trap by a fault alone. It has no place in the trap
/// table: the runtime knows them by the address that they fault at.
pub const HEAP_ACCESS: TrapCode = TrapCode::HEAP_OUT_OF_BOUNDS;

/// Cranelift's code for a trap.
pub fn trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(trap as u8)
}

/// What a build asks of the code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// `--relaxed-simd-deterministic`.
    pub relaxed_simd_deterministic: bool,
    /// `--fuel`.
    pub fuel: Option<u64>,
    /// `--soft-limits`.
    pub soft_limits: bool,
    /// The user may set environment variables.
    pub user_env: bool,
    /// `--native`.
    pub native: bool,
    /// Bytes of stack of each thread.
    pub stack_size: u64,
    /// There are bundles, for a program that uses directories.
    pub bundles: bool,
    /// Calls of the host can be traced.
    pub trace: bool,
}

/// How compiled code finds what each thread has for itself. The stack of a thread is at the end of a region of
/// the address space whose size is a power of two, and which starts at a multiple of it; at the start of the
/// region is the thread's state.
#[derive(Clone, Copy)]
pub struct Threads {
    pub region_bytes: u64,
    /// Bytes of a thread's state.
    pub state_bytes: i32,
    /// Offsets in the state.
    pub globals: i32,
    pub segment_lengths: i32,
}

/// The program, and what is worked out from it once for all functions.
pub struct Environment<'p, 'a> {
    pub program: &'p Program<'a>,
    pub options: Options,
    /// None in a program that can't start threads.
    pub threads: Option<Threads>,
    /// Byte offset of each written global in `Symbol::Globals`.
    global_offsets: SecondaryMap<GlobalId, i32>,
    /// Bytes of `Symbol::Globals`.
    pub globals_bytes: i32,
    /// Where the current length of a passive segment is, in `Symbol::SegmentLengths`.
    data_slots: HashMap<(InstanceId, DataIndex), u32>,
    element_slots: HashMap<(InstanceId, ElementIndex), u32>,
    /// Initial contents of `Symbol::SegmentLengths`.
    pub segment_lengths: Vec<u64>,
    /// Element segments whose values are evaluated when the instance is instantiated.
    late_segments: HashSet<(InstanceId, ElementIndex)>,
    /// How functions of the runtime expect 32-bit integers.
    c_integers: ArgumentExtension,
    c_convention: CallConv,
    /// Host functions that may be called without being named by the call, and the roots of the signatures of these
    /// calls.
    indirect_hosts: BTreeSet<FuncId>,
    indirect_host_signatures: HashSet<TypeId>,
}

impl<'p, 'a> Environment<'p, 'a> {
    pub fn new(program: &'p Program<'a>, target: &Target, options: Options) -> Environment<'p, 'a> {
        let (global_offsets, globals_bytes) = place_globals(program);
        let options = Options { bundles: options.bundles && program.uses_directories(), ..options };
        let indirect_hosts = indirect_hosts(program);
        let signatures = indirect_hosts.iter().map(|func| program.types.root(program.funcs[*func].signature));
        let mut environment = Environment {
            program,
            options,
            threads: None,
            global_offsets,
            globals_bytes,
            data_slots: HashMap::new(),
            element_slots: HashMap::new(),
            segment_lengths: Vec::new(),
            late_segments: HashSet::new(),
            c_integers: target.c_integers,
            c_convention: target.c_convention,
            indirect_host_signatures: signatures.collect(),
            indirect_hosts,
        };
        for (id, instance) in &program.instances {
            for step in &instance.init {
                if let InitStep::Values(segment) = step {
                    environment.late_segments.insert((id, *segment));
                }
            }
            for (index, data) in &instance.module.data {
                if matches!(data.kind, SegmentKind::Passive) {
                    let slot = environment.segment_lengths.len() as u32;
                    environment.data_slots.insert((id, index), slot);
                    environment.segment_lengths.push(data.bytes.len() as u64);
                }
            }
            for (index, elements) in &instance.module.elements {
                if matches!(elements.kind, SegmentKind::Passive) {
                    let slot = environment.segment_lengths.len() as u32;
                    environment.element_slots.insert((id, index), slot);
                    environment.segment_lengths.push(elements.items.len() as u64);
                }
            }
        }
        if program.thread_start.is_some() {
            let state_bytes = (globals_bytes + 8 * environment.segment_lengths.len() as i32 + 15) & !15;
            environment.threads = Some(Threads {
                region_bytes: layout::ThreadInfo::region_bytes(state_bytes as u64, options.stack_size),
                state_bytes,
                globals: 0,
                segment_lengths: globals_bytes,
            });
        }
        environment
    }

    /// Byte offset of a written global in `Symbol::Globals`.
    pub fn global_offset(&self, global: GlobalId) -> i32 {
        self.global_offsets[global]
    }

    /// What throws an exception that is in the frame: in a program that has objects it may become one.
    pub fn throw_builtin(&self) -> Builtin {
        if self.program.collects { Builtin::GcThrow } else { Builtin::Throw }
    }

    /// Is an element segment evaluated when the instance is instantiated?
    pub fn has_late_values(&self, instance: InstanceId, index: ElementIndex) -> bool {
        self.late_segments.contains(&(instance, index))
    }

    /// Byte offset of a data segment's length, or none if its length is 0 once the instance runs
    /// (an active segment is dropped after it was applied).
    pub fn data_length(&self, instance: InstanceId, index: DataIndex) -> Option<i32> {
        self.data_slots.get(&(instance, index)).map(|slot| *slot as i32 * 8)
    }

    /// As `data_length`, for an element segment, in elements.
    pub fn element_length(&self, instance: InstanceId, index: ElementIndex) -> Option<i32> {
        self.element_slots.get(&(instance, index)).map(|slot| *slot as i32 * 8)
    }

    /// CLIF signature of a function, as direct calls of it have it.
    pub fn function_signature(&self, func: FuncId) -> Signature {
        let plan = &self.program.funcs[func];
        match plan.kind {
            FuncKind::Host(host) => self.host_signature(host),
            _ => self.signature(plan.signature, self.program.tail.contains(func)),
        }
    }

    /// The host functions behind tables and references whose convention isn't that of calls through these.
    pub fn trampolines(&self) -> impl Iterator<Item = FuncId> {
        let differs =
            |func: &FuncId| self.c_convention != CallConv::SystemV || self.program.tail.contains(*func);
        self.indirect_hosts.iter().copied().filter(differs)
    }

    /// Is there such a function for this one?
    pub fn has_trampoline(&self, func: FuncId) -> bool {
        self.trampolines().any(|other| other == func)
    }

    /// CLIF signature of the functions with this signature, as calls through a table or a reference
    /// have it.
    pub fn indirect_signature(&self, signature: TypeId) -> Signature {
        self.signature(signature, self.program.tail_signatures.contains(self.program.types.root(signature)))
    }

    fn signature(&self, signature: TypeId, tail: bool) -> Signature {
        let ty = self.program.signature(signature);
        let extension = match self.indirect_host_signatures.contains(&self.program.types.root(signature)) {
            true => self.c_integers,
            false => ArgumentExtension::None,
        };
        let mut signature = Signature::new(if tail { CallConv::Tail } else { CallConv::SystemV });
        signature.params.extend(ty.params().iter().map(|ty| param(value_type(*ty), extension)));
        signature.returns.extend(ty.results().iter().map(|ty| AbiParam::new(value_type(*ty))));
        signature
    }

    /// Symbol of the runtime's function that does what a host function does in this build.
    pub fn host_symbol(&self, function: &HostFunction) -> String {
        let prefix = function.prefix(|variant| match variant {
            Variant::NativeEnv => self.options.native,
            Variant::UserEnv => self.options.user_env,
            Variant::Bundle => self.options.bundles,
        });
        format!("{prefix}{}", function.symbol)
    }

    /// What the runtime shows of calls of a host function: its name and what its parameters are, as
    /// `wasm_aot_abi::trace` has it.
    pub fn trace_text(&self, func: FuncId) -> String {
        let FuncKind::Host(function) = self.program.funcs[func].kind else { return String::new() };
        let number = if function.outcome == Outcome::Number { trace::NUMBER } else { "" };
        format!("{} {number}{}", function.name, function.parameters)
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

    /// CLIF signature of a builtin. Those that throw have a convention with which an exception can come back, as all
    /// Wasm code has.
    pub fn builtin_signature(&self, builtin: Builtin) -> Signature {
        let params: Vec<Type> = builtin.params().iter().map(|passed| passed_type(*passed)).collect();
        let mut signature = self.runtime_signature(&params, builtin.result().map(passed_type).as_slice());
        if builtin.unwinds() {
            signature.call_conv = CallConv::SystemV;
        }
        signature
    }

    /// CLIF signature of a function of the runtime, whose 32-bit integers are unsigned.
    pub fn runtime_signature(&self, params: &[Type], results: &[Type]) -> Signature {
        let mut signature = Signature::new(self.c_convention);
        signature.params.extend(params.iter().map(|ty| param(*ty, self.c_integers)));
        signature.returns.extend(results.iter().map(|ty| AbiParam::new(*ty)));
        signature
    }
}

/// CLIF type of what is passed to a builtin, or comes from one.
fn passed_type(passed: Passed) -> Type {
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

fn indirect_hosts(program: &Program<'_>) -> BTreeSet<FuncId> {
    let elements = program.tables.values().flat_map(|table| table.functions());
    let functions = program.referenced.iter().chain(elements);
    functions.filter(|func| matches!(program.funcs[*func].kind, FuncKind::Host(_))).collect()
}

/// Places the written globals, vectors first, so that these are aligned: offsets, and bytes in all.
fn place_globals(program: &Program<'_>) -> (SecondaryMap<GlobalId, i32>, i32) {
    let (mut offsets, mut end) = (SecondaryMap::new(), 0);
    for bytes in [16, 8] {
        let placed = program.globals.iter().filter(|(_, plan)| plan.written && plan.bytes() == bytes);
        for (global, _) in placed {
            offsets[global] = end;
            end += bytes;
        }
    }
    (offsets, end)
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

/// Flags of accesses to our own data, which never fault.
pub fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

/// Flags of accesses to linear memory.
pub fn heap_access() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little).with_trap_code(Some(HEAP_ACCESS))
}
