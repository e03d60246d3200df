//! Functions that no module has: what runs the program, commands of scripts, code that traps.

use cranelift_codegen::ir::{Block, Function, InstBuilder, MemFlagsData, Signature, Value, types};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::trap::Trap;

use super::environment::{Environment, trap_code, trusted};
use super::handlers::Handler;
use super::translator::Translator;
use crate::program::{Call, Command, FuncId, InitStep, InstanceId, PostReturn, Results};

/// `fn()`: instantiates the instances and makes calls.
pub fn translate_main(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    instances: &[InstanceId],
    calls: &[Call],
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = Signature::new(CallConv::SystemV);
    let first = instances.first().copied().unwrap_or(InstanceId::from_u32(0));
    let mut translator = Translator::new(env, isa, first, func, context);
    translator.enter();
    for instance in instances {
        translator.set_instance(*instance);
        translator.instantiate(Shared::ToBeMade);
    }
    for call in calls {
        let arguments: Vec<_> =
            call.arguments.iter().map(|value| translator.constant_value(*value)).collect();
        let results = translator.call(call.func, &arguments);
        match call.results {
            Results::Dropped => {}
            Results::Printed => translator.print_results(call.func, &results),
            Results::Checked => _ = translator.call_builtin(Builtin::CheckResult, &results),
            Results::Awaited(wait) => {
                let result = translator.call(wait, &results);
                translator.call_builtin(Builtin::CheckResult, &result);
            }
        }
        if let Some(post_return) = call.post_return {
            translator.post_return(post_return, &results);
        }
    }
    if let Some(invocation) = &env.program.invocation {
        translator.invoke(invocation);
    }
    translator.builder.ins().return_(&[]);
    translator.finish();
}

/// `fn(thread: u32, argument: u32)`: runs a further thread: instantiates a new instance of the module, which
/// shares only the memory, then calls the function that the module exports for threads.
pub fn translate_thread_main(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    instance: InstanceId,
    start: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.runtime_signature(&[types::I32, types::I32], &[]);
    let mut translator = Translator::new(env, isa, instance, func, context);
    let arguments = translator.enter();
    translator.instantiate(Shared::Made);
    translator.call(start, &arguments);
    translator.builder.ins().return_(&[]);
    translator.finish();
}

/// `fn(results: *mut u64)`: a command of a script.
pub fn translate_command(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    command: &Command,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.runtime_signature(&[types::I64], &[]);
    let instance = match command {
        Command::Instantiate(instance) => *instance,
        _ => InstanceId::from_u32(0),
    };
    let mut translator = Translator::new(env, isa, instance, func, context);
    let results = translator.enter()[0];
    let values = match command {
        Command::Instantiate(_) => {
            translator.instantiate(Shared::ToBeMade);
            Vec::new()
        }
        Command::Call(callee, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|value| translator.constant_value(*value)).collect();
            translator.call(*callee, &arguments)
        }
        Command::GetGlobal(global) => vec![translator.global_get(*global)],
    };
    let words: Vec<_> = values.into_iter().flat_map(|value| translator.as_words(value)).collect();
    for (index, word) in words.into_iter().enumerate() {
        translator.builder.ins().store(trusted(), word, results, index as i32 * 8);
    }
    translator.builder.ins().return_(&[]);
    translator.finish();
}

/// Code that only traps: the target of calls through tables that have no valid function to call.
pub fn translate_stub(
    isa: &dyn TargetIsa,
    trap: Trap,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = Signature::new(CallConv::SystemV);
    let mut builder = FunctionBuilder::new(func, context);
    let block = builder.create_block();
    builder.switch_to_block(block);
    builder.ins().trap(trap_code(trap));
    builder.seal_all_blocks();
    builder.finalize(isa.frontend_config());
}

/// A host function behind a table or a reference whose calls use the tail-call convention.
pub fn translate_trampoline(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.indirect_signature(env.program.funcs[id].signature);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let params = translator.enter();
    let arguments = translator.take_state(&params);
    translator.check_stack();
    let results = translator.call(id, arguments);
    translator.builder.ins().return_(&results);
    translator.finish();
}

/// Code through which the runtime calls a function of the program. An exception that the function throws can't go on into
/// the runtime: it is a trap.
pub fn translate_entry(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.entry_signature(id);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let arguments = translator.enter();
    let uncaught = translator.catch_all();
    let results = translator.call(id, &arguments);
    translator.builder.ins().return_(&results);
    translator.trap_uncaught(uncaught);
    translator.finish();
}

/// The same of a function whose parameters and results are in memory.
pub fn translate_spilled_entry(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.runtime_signature(&[types::I64], &[]);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let address = translator.enter()[0];
    let uncaught = translator.catch_all();
    let ty = env.program.signature(env.program.funcs[id].signature);
    let arguments = translator.load_values(ty.params(), address);
    let results = translator.call(id, &arguments);
    translator.store_values(&results, address);
    translator.builder.ins().return_(&[]);
    translator.trap_uncaught(uncaught);
    translator.finish();
}

/// A function that stands in for an import that nothing provides, and traps.
pub fn translate_unknown_import(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    trap: Trap,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.function_signature(id);
    let mut builder = FunctionBuilder::new(func, context);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    builder.ins().trap(trap_code(trap));
    builder.seal_all_blocks();
    builder.finalize(isa.frontend_config());
}

/// Where the exceptions go that a function of the program throws, of which its caller knows nothing.
pub(super) struct Uncaught(Block);

/// State that the instances of all threads share, because nothing writes it after its creation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    ToBeMade,
    Made,
}

impl Translator<'_, '_, '_> {
    /// Calls a component's `post-return`.
    pub(super) fn post_return(&mut self, post_return: PostReturn, results: &[Value]) {
        let may_leave = self.env.program.canonical.components[post_return.instance].may_leave;
        let [no, yes] = [0, 1].map(|value| self.builder.ins().iconst(types::I32, value));
        self.global_set(may_leave, no);
        self.call(post_return.func, results);
        self.global_set(may_leave, yes);
    }

    /// Catches whatever the calls that follow throw, in a program that has exceptions.
    pub(super) fn catch_all(&mut self) -> Option<Uncaught> {
        if self.env.program.tags.is_empty() {
            return None;
        }
        let landing = self.builder.create_block();
        self.builder.append_block_param(landing, types::I64);
        self.handlers.catch(vec![Handler { tag: None, keep: false, landing }]);
        Some(Uncaught(landing))
    }

    /// Makes a trap of what `catch_all` catches. The current block must be complete.
    pub(super) fn trap_uncaught(&mut self, uncaught: Option<Uncaught>) {
        if let Some(Uncaught(landing)) = uncaught {
            self.builder.switch_to_block(landing);
            self.builder.ins().trap(trap_code(Trap::UncaughtException));
        }
    }

    /// Opens the only block of a generated function, and returns its parameters.
    pub fn enter(&mut self) -> Vec<Value> {
        let block = self.builder.create_block();
        self.builder.append_block_params_for_function_params(block);
        self.builder.switch_to_block(block);
        self.builder.block_params(block).to_vec()
    }

    /// The steps of instantiation that are left for run time.
    pub(super) fn instantiate(&mut self, shared: Shared) {
        for step in &self.instance.init {
            match *step {
                InitStep::SparseTable(_) if shared == Shared::Made => {}
                InitStep::Global(index) => self.initialise_global(index),
                InitStep::Table(index) => self.initialise_table(index),
                InitStep::SparseTable(table) => self.fill_sparse_table(table),
                InitStep::Values(index) => self.initialise_values(index),
                InitStep::Start(func) => _ = self.call(func, &[]),
                InitStep::Elements { segment, table, offset } => {
                    let length = self.instance.module.elements[segment].items.len();
                    let wide = self.env.program.tables[table].ty.table64;
                    let (operands, limit) = self.init_operands(offset, length, wide);
                    self.table_init(table, segment, operands, limit);
                    self.forget_elements(segment);
                }
                InitStep::Data { segment, memory, offset } => {
                    let length = self.instance.module.data[segment].bytes.len();
                    let wide = self.env.program.memories[memory].ty.memory64;
                    let (operands, limit) = self.init_operands(offset, length, wide);
                    self.memory_init(memory, segment, operands, limit);
                }
            }
        }
    }

    /// Operands of `memory.init` or `table.init` that copy a whole segment, and its length.
    fn init_operands(&mut self, offset: u64, length: usize, wide: bool) -> ([Value; 3], Value) {
        let index = if wide { types::I64 } else { types::I32 };
        let target = self.builder.ins().iconst(index, offset as i64);
        let source = self.builder.ins().iconst(types::I32, 0);
        let count = self.builder.ins().iconst(types::I32, length as i64);
        let limit = self.builder.ins().iconst(types::I64, length as i64);
        ([target, source, count], limit)
    }

    /// The bits of a value as 64-bit words: two for a vector, the low one first.
    pub(super) fn as_words(&mut self, value: Value) -> Vec<Value> {
        let flags = MemFlagsData::new();
        vec![match self.builder.func.dfg.value_type(value) {
            types::I32 => self.builder.ins().uextend(types::I64, value),
            types::F32 => {
                let bits = self.builder.ins().bitcast(types::I32, flags, value);
                self.builder.ins().uextend(types::I64, bits)
            }
            types::F64 => self.builder.ins().bitcast(types::I64, flags, value),
            types::I8X16 => {
                let words = self.as_lanes(value, types::I64X2);
                return [0, 1].map(|lane| self.builder.ins().extractlane(words, lane)).to_vec();
            }
            _ => value,
        }]
    }
}
