//! Libraries: the functions of C that are their interface, calls of those that the embedder defines, and the check of the
//! stack. See `wasm_aot_abi::library`.

use anyhow::Result;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Endianness, FuncRef, Function, GlobalValueData, InstBuilder, MemFlagsData, Signature, StackSlot,
    StackSlotData, StackSlotKind, Type, Value, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::{ImportCall, Instance, Status};
use wasm_aot_abi::service::Service;
use wasmparser::ValType;

use super::environment::{Environment, passed_type, trusted, value_type};
use super::synthetic::Shared;
use super::translator::Translator;
use crate::layout::Symbol;
use crate::library::{self, Return};
use crate::program::{Access, FuncId, FuncKind, InstanceId, Library, MemoryId, TypeId};

/// A function of a library's interface.
pub fn translate_interface(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    index: u32,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let library = env.program.library().expect("the program is a library");
    let does = library.functions[index as usize].does;
    func.signature = env.interface_signature(library, does);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let params = translator.enter();
    let arguments =
        if takes_instance(does) { translator.take_instance(library, &params) } else { &params[..] };
    let result = match does {
        Access::Call(func) => Some(translator.call_body(index, func, arguments)),
        Access::Runtime(service) => translator.call_service(service, arguments),
        Access::MemoryBase(memory) => Some(translator.memory_word(memory, Memory::BASE)),
        Access::MemorySize(memory) => Some(translator.memory_size_now(memory)),
        Access::MemoryPointer(memory) => Some(translator.memory_pointer(memory, arguments)),
        Access::GlobalGet(global) => {
            let value = translator.global_get(global);
            match arguments {
                [place] => {
                    translator.store_value(value, *place, 0);
                    None
                }
                _ => Some(value),
            }
        }
        Access::GlobalSet(global) => {
            let ty = env.program.globals[global].ty.content_type;
            let value = translator.given(ty, arguments[0]);
            translator.global_set(global, value);
            None
        }
        Access::TableSize(table) => Some(translator.table_size(table)),
    };
    translator.builder.ins().return_(result.as_slice());
    translator.finish();
}

/// What `Service::EnterDirect` calls: a function with the parameters of the interface's.
fn translate_direct_body(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    library: &Library,
    callee: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<()> {
    func.signature = env.interface_signature(library, Access::Call(callee));
    func.signature.returns.clear();
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let params = translator.enter();
    let arguments = translator.take_instance(library, &params);
    let ty = env.program.signature(env.program.funcs[callee].signature);
    let given: Vec<Value> =
        ty.params().iter().zip(arguments).map(|(ty, argument)| translator.given(*ty, *argument)).collect();
    translator.results = Some((callee, arguments.get(given.len()).copied()));
    if env.is_inlined(callee) {
        let FuncKind::Wasm(instance, defined) = env.program.funcs[callee].kind else {
            unreachable!("only Wasm functions have a body");
        };
        translator.set_instance(instance);
        translator.body(callee, defined, &given)?;
    } else {
        let uncaught = translator.catch_all();
        let results = translator.call(callee, &given);
        translator.return_results(&results);
        translator.trap_uncaught(uncaught);
    }
    translator.finish();
    Ok(())
}

/// `fn(values: *mut u64, instance: *mut Instance)`: calls a function of the program with arguments that it reads from an
/// array, and stores the results there. If the parameters of the interface's function can stay where they are, what
/// `Service::EnterDirect` calls.
///
/// # Errors
/// See `translate_function`.
pub fn translate_interface_body(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    func_id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<()> {
    if env.is_direct(Access::Call(func_id)) {
        let library = env.program.library().expect("the program is a library");
        return translate_direct_body(env, isa, library, func_id, func, context);
    }
    func.signature = env.runtime_signature(&[types::I64, types::I64], &[]);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let params = translator.enter();
    translator.state = Some(params[1]);
    let ty = env.program.signature(env.program.funcs[func_id].signature);
    let places = places(ty.params());
    let load = |(ty, offset): (&ValType, i32)| {
        translator.builder.ins().load(value_type(*ty), trusted(), params[0], offset)
    };
    let arguments: Vec<Value> = ty.params().iter().zip(places.offsets).map(load).collect();
    let uncaught = translator.catch_all();
    let results = translator.call(func_id, &arguments);
    for (result, offset) in results.into_iter().zip(self::places(ty.results()).offsets) {
        translator.builder.ins().store(trusted(), result, params[0], offset);
    }
    translator.builder.ins().return_(&[]);
    translator.trap_uncaught(uncaught);
    translator.finish();
    Ok(())
}

/// `fn(values: *mut u64, instance: *mut Instance)`: instantiates the modules of the library.
pub fn translate_instantiate(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    library: &Library,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.runtime_signature(&[types::I64, types::I64], &[]);
    let first = library.instances.first().copied().unwrap_or(InstanceId::from_u32(0));
    let mut translator = Translator::new(env, isa, first, func, context);
    let params = translator.enter();
    translator.state = Some(params[1]);
    let uncaught = translator.catch_all();
    for instance in &library.instances {
        translator.set_instance(*instance);
        translator.instantiate(Shared::ToBeMade);
    }
    for func in &library.initialize {
        translator.call(*func, &[]);
    }
    translator.builder.ins().return_(&[]);
    translator.trap_uncaught(uncaught);
    translator.finish();
}

/// Whether a function of the interface works with an instance.
fn takes_instance(does: Access) -> bool {
    !matches!(does, Access::Runtime(service) if !service.takes_instance())
}

/// Where values are in the array through which arguments and results are passed.
struct Places {
    /// Bytes from its start: vectors are aligned.
    offsets: Vec<i32>,
    bytes: u32,
}

fn places(types: &[ValType]) -> Places {
    let (mut offsets, mut end) = (Vec::with_capacity(types.len()), 0u32);
    for ty in types {
        let bytes = if *ty == ValType::V128 { 16 } else { 8 };
        end = end.next_multiple_of(bytes);
        offsets.push(end as i32);
        end += bytes;
    }
    Places { offsets, bytes: end }
}

/// The values of a signature's results as C sees them.
fn c_values(types: &[ValType]) -> Vec<library::Value> {
    types
        .iter()
        .map(|ty| library::Value::of(*ty).expect("the interface has only what C can express"))
        .collect()
}

/// The C type of a parameter: vectors are passed by pointer.
fn c_type(ty: ValType) -> Type {
    if ty == ValType::V128 { types::I64 } else { value_type(ty) }
}

/// Flags of accesses to values of the embedder, as in a memory.
fn given_flags() -> MemFlagsData {
    MemFlagsData::new().with_notrap().with_endianness(Endianness::Little)
}

/// The most operators of a function that is a part of what `Service::EnterDirect` calls.
const MOST_INLINED: u32 = 64;

/// The number of registers for integers, and for floating-point numbers, in which x86-64 passes arguments of C (System V
/// ABI, 3.2.3).
const ARGUMENT_REGISTERS: (usize, usize) = (6, 8);

impl Environment<'_, '_> {
    /// Whether a function of the interface leaves its parameters where they are: see `codegen::thunk`.
    pub fn is_direct(&self, does: Access) -> bool {
        let (Access::Call(_), Some(library)) = (does, self.program.library()) else { return false };
        let signature = self.interface_signature(library, does);
        let floats = signature.params.iter().filter(|param| param.value_type.is_float()).count();
        let (integer_registers, float_registers) = ARGUMENT_REGISTERS;
        self.has_thunks && floats <= float_registers && signature.params.len() - floats <= integer_registers
    }

    /// Whether a function of the program is translated once more, as what its function of the interface calls: one that is
    /// small, and calls nothing, so that it need not compare the stack pointer.
    pub fn is_inlined(&self, func: FuncId) -> bool {
        let Some((instance, defined)) = self.program.wasm(func) else { return false };
        let summary = &instance.module.defined[defined].summary;
        self.is_direct(Access::Call(func))
            && summary.operators <= MOST_INLINED
            && summary.calls_nothing()
            && !summary.has_exceptions()
    }

    /// A signature of C with signed integers.
    fn c_signature(&self, params: &[Type], result: Option<Type>) -> Signature {
        let mut signature = self.runtime_signature(params, result.as_slice());
        for param in signature.params.iter_mut().chain(&mut signature.returns) {
            *param = self.signed(param.value_type);
        }
        signature
    }

    /// CLIF signature of a function of the interface.
    fn interface_signature(&self, library: &Library, does: Access) -> Signature {
        let instance = (takes_instance(does) && library.many).then_some(types::I64);
        let (params, result): (Vec<Type>, Option<Type>) = match does {
            Access::Call(func) => {
                let ty = self.program.signature(self.program.funcs[func].signature);
                let results = (!ty.results().is_empty()).then_some(types::I64);
                (ty.params().iter().map(|ty| c_type(*ty)).chain(results).collect(), Some(types::I32))
            }
            Access::Runtime(service) => {
                let params = service.params().iter().skip(service.takes_instance().into());
                (params.map(|param| passed_type(*param)).collect(), service.result().map(passed_type))
            }
            Access::MemoryBase(_) | Access::MemorySize(_) | Access::TableSize(_) => {
                (Vec::new(), Some(types::I64))
            }
            Access::MemoryPointer(_) => (vec![types::I64; 2], Some(types::I64)),
            Access::GlobalGet(global) => match self.program.globals[global].ty.content_type {
                ValType::V128 => (vec![types::I64], None),
                ty => (Vec::new(), Some(value_type(ty))),
            },
            Access::GlobalSet(global) => (vec![c_type(self.program.globals[global].ty.content_type)], None),
        };
        let params: Vec<Type> = instance.into_iter().chain(params).collect();
        self.c_signature(&params, result)
    }

    /// CLIF signature of a function that the embedder defines.
    pub fn embedder_signature(&self, signature: TypeId) -> Signature {
        let ty = self.program.signature(signature);
        let many = self.program.library().is_some_and(|library| library.many);
        let instance = many.then_some(types::I64);
        let (place, result) = match Return::of_import(&c_values(ty.results())) {
            Return::Nothing => (None, None),
            Return::Direct(_) => (None, Some(value_type(ty.results()[0]))),
            Return::Pointer(_) | Return::Structure => (Some(types::I64), None),
        };
        let params: Vec<Type> =
            instance.into_iter().chain(ty.params().iter().map(|ty| c_type(*ty))).chain(place).collect();
        self.c_signature(&params, result)
    }
}

impl Translator<'_, '_, '_> {
    /// Has the function trap if its frame would reach below the stack that the call may use.
    pub(super) fn check_stack(&mut self) {
        if self.state.is_none() {
            return;
        }
        let func = &mut self.builder.func;
        let flags = func.dfg.mem_flags.insert(trusted()).expect("a function has few kinds of flags");
        let state = func.create_global_value(GlobalValueData::VMContext);
        let limit = func.create_global_value(GlobalValueData::Load {
            base: state,
            offset: Instance::STACK_LIMIT.into(),
            global_type: types::I64,
            flags,
        });
        func.stack_limit = Some(limit);
    }

    /// Takes the instance from the parameters of a function of the interface; returns its others.
    fn take_instance<'v>(&mut self, library: &Library, params: &'v [Value]) -> &'v [Value] {
        match params {
            [instance, others @ ..] if library.many => {
                self.state = Some(*instance);
                others
            }
            _ => {
                self.state = Some(self.symbol(Symbol::State));
                params
            }
        }
    }

    /// Returns results from a Wasm function, or puts them where C wants them.
    pub(super) fn return_results(&mut self, results: &[Value]) {
        let Some((func, place)) = self.results else {
            self.builder.ins().return_(results);
            return;
        };
        if let Some(place) = place {
            let ty = self.env.program.signature(self.env.program.funcs[func].signature);
            let (fields, _) = library::structure(&c_values(ty.results()));
            for (result, field) in results.iter().zip(fields) {
                self.store_value(*result, place, field.offset as i32);
            }
        }
        self.builder.ins().return_(&[]);
    }

    /// Calls the body of a function of the interface on behalf of the instance, with the arguments that C has given, the
    /// last of which says where the results go; returns the error.
    fn call_body(&mut self, index: u32, func: FuncId, arguments: &[Value]) -> Value {
        let env = self.env;
        let ty = env.program.signature(env.program.funcs[func].signature);
        let (params, results) = (places(ty.params()), places(ty.results()));
        let values = self.slot(params.bytes.max(results.bytes));
        let address = self.builder.ins().stack_addr(types::I64, values, 0);
        for ((ty, argument), offset) in ty.params().iter().zip(arguments).zip(params.offsets) {
            let value = self.given(*ty, *argument);
            self.builder.ins().store(trusted(), value, address, offset);
        }
        let body = self
            .function(Symbol::InterfaceBody(index), || env.runtime_signature(&[types::I64, types::I64], &[]));
        let body = self.builder.ins().func_addr(types::I64, body);
        let error = self.call_service(Service::Enter, &[body, address]).expect("it returns an error");
        let Some(place) = arguments.get(ty.params().len()) else { return error };
        let (store, done) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(error, done, &[], store, &[]);
        self.builder.switch_to_block(store);
        let (fields, _) = library::structure(&c_values(ty.results()));
        for ((ty, field), offset) in ty.results().iter().zip(fields).zip(results.offsets) {
            let value = self.builder.ins().load(value_type(*ty), trusted(), address, offset);
            self.store_value(value, *place, field.offset as i32);
        }
        self.builder.ins().jump(done, &[]);
        self.builder.switch_to_block(done);
        error
    }

    /// Calls a function of the runtime for libraries, with the instance if it takes one.
    fn call_service(&mut self, service: Service, arguments: &[Value]) -> Option<Value> {
        let env = self.env;
        let callee = self.function(Symbol::Service(service), || {
            let params: Vec<Type> = service.params().iter().map(|param| passed_type(*param)).collect();
            env.c_signature(&params, service.result().map(passed_type))
        });
        let instance = self.state.filter(|_| service.takes_instance());
        let arguments: Vec<Value> = instance.into_iter().chain(arguments.iter().copied()).collect();
        let call = self.builder.ins().call(callee, &arguments);
        self.builder.inst_results(call).first().copied()
    }

    /// Calls a function that the embedder defines. Meanwhile the instance can be entered again.
    pub(super) fn call_embedder(
        &mut self,
        function: FuncRef,
        func: FuncId,
        arguments: &[Value],
    ) -> Vec<Value> {
        let env = self.env;
        let ty = env.program.signature(env.program.funcs[func].signature);
        let values = c_values(ty.results());
        let returns = Return::of_import(&values);
        let many = env.program.library().is_some_and(|library| library.many);
        let mut all: Vec<Value> = self.state.filter(|_| many).into_iter().collect();
        for (ty, argument) in ty.params().iter().zip(arguments) {
            all.push(match ty {
                ValType::V128 => {
                    let slot = self.slot(16);
                    let place = self.builder.ins().stack_addr(types::I64, slot, 0);
                    self.store_value(*argument, place, 0);
                    place
                }
                _ => *argument,
            });
        }
        let (fields, bytes) = library::structure(&values);
        let place = matches!(returns, Return::Pointer(_) | Return::Structure).then(|| {
            let slot = self.slot(bytes);
            self.builder.ins().stack_addr(types::I64, slot, 0)
        });
        all.extend(place);
        self.forget_symbols();
        let outer = self.begin_import();
        let call = self.builder.ins().call(function, &all);
        let direct = self.builder.inst_results(call).to_vec();
        self.end_import(outer);
        let Some(place) = place else { return direct };
        let load = |(ty, field): (&ValType, library::Field)| {
            self.builder.ins().load(value_type(*ty), given_flags(), place, field.offset as i32)
        };
        ty.results().iter().zip(fields).map(load).collect()
    }

    /// Notes that a function of the embedder is called, in a slot of the frame; returns what was noted before.
    fn begin_import(&mut self) -> Value {
        let slot = self.slot(ImportCall::BYTES);
        let state = self.state.expect("code of a library has the address of the state");
        let place = self.builder.ins().stack_addr(types::I64, slot, 0);
        let frame = self.builder.ins().get_frame_pointer(types::I64);
        let code = match self.own {
            Some(func) => {
                let env = self.env;
                let function = self.function(Symbol::Func(func), || env.function_signature(func));
                self.builder.ins().func_addr(types::I64, function)
            }
            None => self.builder.ins().iconst(types::I64, 0),
        };
        let outer = self.builder.ins().load(types::I64, trusted(), state, Instance::IMPORT_CALL);
        let words = [(ImportCall::FRAME, frame), (ImportCall::CODE, code), (ImportCall::OUTER, outer)];
        for (offset, word) in words {
            self.builder.ins().store(trusted(), word, place, offset);
        }
        self.builder.ins().store(trusted(), place, state, Instance::IMPORT_CALL);
        self.set_status(Status::IMPORT);
        outer
    }

    /// Undoes it. `outer` is in a register: read from the slot, it would wait for the store before, as in each round of a
    /// loop.
    fn end_import(&mut self, outer: Value) {
        let state = self.state.expect("code of a library has the address of the state");
        self.set_status(Status::WASM);
        self.builder.ins().store(trusted(), outer, state, Instance::IMPORT_CALL);
    }

    fn set_status(&mut self, status: u32) {
        let state = self.state.expect("code of a library has the address of the state");
        let status = self.builder.ins().iconst(types::I32, i64::from(status));
        self.builder.ins().store(trusted(), status, state, Instance::STATUS);
    }

    /// The value that C has given as this argument.
    fn given(&mut self, ty: ValType, argument: Value) -> Value {
        match ty {
            ValType::V128 => self.builder.ins().load(types::I8X16, given_flags(), argument, 0),
            _ => argument,
        }
    }

    /// Stores a value for C, at a place of C's alignment.
    fn store_value(&mut self, value: Value, place: Value, offset: i32) {
        let vector = self.builder.func.dfg.value_type(value).is_vector();
        let flags = if vector { given_flags() } else { MemFlagsData::new().with_notrap() };
        self.builder.ins().store(flags, value, place, offset);
    }

    /// A stack slot for this many bytes, aligned for vectors.
    fn slot(&mut self, bytes: u32) -> StackSlot {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes.max(8), 4);
        self.builder.create_sized_stack_slot(data)
    }

    /// A word of a memory's descriptor.
    fn memory_word(&mut self, memory: MemoryId, offset: i32) -> Value {
        let descriptor = self.symbol(Symbol::Memory(memory));
        self.builder.ins().load(types::I64, trusted(), descriptor, offset)
    }

    /// The size of a memory in bytes; 0 if there is no instance.
    fn memory_size_now(&mut self, memory: MemoryId) -> Value {
        let [base, size] = [Memory::BASE, Memory::SIZE].map(|offset| self.memory_word(memory, offset));
        let none = self.builder.ins().iconst(types::I64, 0);
        self.builder.ins().select(base, size, none)
    }

    /// The address of a range of a memory; 0 if the range isn't inside.
    fn memory_pointer(&mut self, memory: MemoryId, range: &[Value]) -> Value {
        let (start, length) = (range[0], range[1]);
        let (base, size) = (self.memory_word(memory, Memory::BASE), self.memory_size_now(memory));
        // No wrap: the length is compared with what is left behind the start, which is at most the size.
        let starts = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, start, size);
        let left = self.builder.ins().isub(size, start);
        let ends = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, length, left);
        let inside = self.builder.ins().band(starts, ends);
        let address = self.builder.ins().iadd(base, start);
        let null = self.builder.ins().iconst(types::I64, 0);
        self.builder.ins().select(inside, address, null)
    }
}
