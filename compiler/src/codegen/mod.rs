//! CLIF to machine code, in parallel. The result has the order of the jobs, whatever the number of
//! threads is.

mod bodies;
mod function;
mod generator;
mod inline;
mod labelled;
pub mod line;
mod origins;
mod places;
mod sites;
mod sums;
mod thunk;
mod values;

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use cranelift_codegen::ir::{ExternalName, Function, LibCall, TrapCode};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::isa::unwind::UnwindInst;
use cranelift_codegen::{Context, FinalizedMachExceptionHandler, FinalizedRelocTarget};
use cranelift_frontend::FunctionBuilderContext;
use rayon::prelude::*;
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::exception::{Registers, SavedRegister};
use wasm_aot_abi::trap::Trap;

use crate::layout::Symbol;
use crate::optimise::{self, Passes};
use crate::program::{Access, Call, Command, FuncId, FuncKind, InstanceId, Library, Main, Program};
use crate::translate::{self, Environment, HEAP_ACCESS, Labels, symbol_of};
use bodies::Bodies;
pub use function::{CallSite, CompiledFunction, Prologue, Relocation, RelocationTarget, StackMap};
use generator::Generator;
use inline::Body;
use origins::Origins;
pub use origins::{InlinedCall, Place};
pub use sites::Site;
pub use values::{At, Available, Formula, Kind, Known, Machine, Values};

/// A function to generate.
#[derive(Clone, Copy)]
pub enum Job<'p> {
    Wasm(FuncId),
    UnknownImport(FuncId, Trap),
    Trampoline(FuncId),
    /// Code through which the runtime calls a function of the program.
    Entry(FuncId),
    /// The same with its parameters and results in memory.
    SpilledEntry(FuncId),
    /// A host function, so that its calls can be traced.
    Traced(FuncId),
    Stub(Symbol, Trap),
    Main(&'p [InstanceId], &'p [Call]),
    ThreadMain(InstanceId, FuncId),
    Command(u32, &'p Command),
    /// Code that instantiates a library.
    Instantiate(&'p Library),
    /// A function of a library's interface.
    Interface(u32),
    /// What such a function has called.
    InterfaceBody(u32, FuncId),
}

/// Everything that the program needs compiled, in the order of the code.
pub fn jobs<'p>(env: &Environment<'p, '_>) -> Vec<Job<'p>> {
    let program = env.program;
    let mut jobs: Vec<Job<'p>> = env
        .facts
        .compiled_functions(program)
        .into_iter()
        .filter(|func| env.inlining.has_code(*func))
        .map(|func| match program.funcs[func].kind {
            FuncKind::Unknown => Job::UnknownImport(func, Trap::UnknownImport),
            FuncKind::Unsupported => Job::UnknownImport(func, Trap::UnsupportedImport),
            _ => Job::Wasm(func),
        })
        .collect();
    let is_vain = |func: &FuncId| program.bound(*func).is_some_and(|bound| env.facts.is_vain(bound.function));
    let vain = env.facts.reachable().filter(is_vain);
    jobs.extend(vain.map(|func| Job::UnknownImport(func, Trap::UnknownHandle)));
    jobs.extend(env.layout.hosts.trampolines().map(Job::Trampoline));
    jobs.extend(env.facts.entered().map(Job::Entry));
    jobs.extend(env.facts.spilled().map(Job::SpilledEntry));
    if env.layout.options.host.trace {
        let is_traced = |func: &FuncId| env.layout.hosts.is_traced(*func) && !is_vain(func);
        jobs.extend(env.facts.reachable().filter(is_traced).map(Job::Traced));
    }
    match &program.main {
        Main::None => {}
        Main::Command(instances, calls) => jobs.push(Job::Main(instances, calls)),
        Main::Script(commands) => {
            jobs.extend(commands.iter().enumerate().map(|(i, command)| Job::Command(i as u32, command)));
        }
        Main::Library(library) => {
            jobs.push(Job::Instantiate(library));
            for (index, function) in (0..).zip(&library.functions) {
                jobs.push(Job::Interface(index));
                if let Access::Call(func) = function.does {
                    jobs.push(Job::InterfaceBody(index, func));
                }
            }
        }
    }
    jobs.extend(program.thread_start.map(|(instance, start)| Job::ThreadMain(instance, start)));
    if !program.tables.is_empty() {
        jobs.push(Job::Stub(Symbol::UninitializedStub, Trap::UninitializedElement));
        jobs.push(Job::Stub(Symbol::MismatchStub, Trap::IndirectCallTypeMismatch));
    }
    jobs
}

/// State that a thread reuses from function to function.
struct Worker {
    context: Context,
    builder: FunctionBuilderContext,
    allocation: regalloc2::Ctx,
}

impl Worker {
    fn new() -> Worker {
        Worker {
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            allocation: regalloc2::Ctx::default(),
        }
    }

    /// Translates a job to CLIF, in `context`, and inlines what is to be inlined. The result is what debug information needs to
    /// know of values, if it names some, and where the instructions come from.
    fn translate(
        &mut self,
        env: &Environment<'_, '_>,
        isa: &dyn TargetIsa,
        job: &Job<'_>,
        bodies: &Bodies,
    ) -> Result<(Option<Labels>, Origins)> {
        self.context.clear();
        if let Job::Wasm(func) = job {
            let is_shared = bodies.contains(*func);
            if is_shared || !env.inlining.callees(*func).is_empty() {
                let body = match is_shared {
                    true => Arc::unwrap_or_clone(bodies.take(*func, env, isa, &mut self.builder)?),
                    false => bodies.make(*func, env, isa, &mut self.builder)?,
                };
                let Body { func, origins, labels } = body;
                self.context.func = func;
                return Ok((labels, origins));
            }
        }
        let translated = translate(env, isa, job, &mut self.context.func, &mut self.builder);
        if translated.is_err() {
            // The builder's context is left in the middle of a function.
            self.builder = FunctionBuilderContext::new();
        }
        Ok((translated?, Origins::default()))
    }
}

/// Generates code for all jobs. `done` is called after each one, with a measure of its size.
///
/// # Errors
/// Names the function that Cranelift can't compile.
pub fn compile(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    jobs: &[Job<'_>],
    passes: Passes,
    done: &(dyn Fn(u64) + Sync),
) -> Result<Vec<CompiledFunction>> {
    let bodies = Bodies::new(env);
    jobs.par_iter()
        .with_max_len(16)
        .map_init(Worker::new, |worker, job| {
            let compiled = compile_one(env, isa, job, passes, &bodies, worker);
            done(size(env.program, job));
            compiled
        })
        .collect()
}

/// A measure of the work for a job: bytes of Wasm.
pub fn size(program: &Program<'_>, job: &Job<'_>) -> u64 {
    match job {
        Job::Wasm(func) => {
            let (instance, index) = program.wasm(*func).expect("a Wasm function");
            let range = instance.module.defined[index].body.range();
            range.end - range.start
        }
        _ => 1,
    }
}

/// The symbol and the name of a job's function.
fn identify(env: &Environment<'_, '_>, job: &Job<'_>) -> (Symbol, String) {
    let program = env.program;
    match job {
        Job::Wasm(func) | Job::UnknownImport(func, _) | Job::Traced(func) => {
            (Symbol::Func(*func), program.funcs[*func].name.clone())
        }
        Job::Trampoline(func) => (Symbol::Trampoline(*func), program.funcs[*func].name.clone()),
        Job::Entry(func) => (Symbol::Entry(*func), program.funcs[*func].name.clone()),
        Job::SpilledEntry(func) => (Symbol::SpilledEntry(*func), program.funcs[*func].name.clone()),
        Job::Stub(symbol, _) => (*symbol, String::new()),
        Job::Main(..) => (Symbol::Main, String::new()),
        Job::ThreadMain(..) => (Symbol::ThreadMain, String::new()),
        Job::Command(index, _) => (Symbol::Command(*index), String::new()),
        Job::Instantiate(_) => (Symbol::Main, String::new()),
        Job::Interface(index) => (Symbol::Interface(*index), String::new()),
        Job::InterfaceBody(index, func) => {
            let name = if env.is_inlined(*func) { program.funcs[*func].name.clone() } else { String::new() };
            (Symbol::InterfaceBody(*index), name)
        }
    }
}

fn translate(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    job: &Job<'_>,
    func: &mut Function,
    builder: &mut FunctionBuilderContext,
) -> Result<Option<Labels>> {
    match job {
        Job::Wasm(id) => return translate::translate_function(env, isa, *id, func, builder),
        Job::UnknownImport(id, trap) => {
            translate::translate_unknown_import(env, isa, *id, *trap, func, builder);
        }
        Job::Trampoline(id) => translate::translate_trampoline(env, isa, *id, func, builder),
        Job::Entry(id) => translate::translate_entry(env, isa, *id, func, builder),
        Job::SpilledEntry(id) => translate::translate_spilled_entry(env, isa, *id, func, builder),
        Job::Traced(id) => translate::translate_traced(env, isa, *id, func, builder),
        Job::Stub(_, trap) => translate::translate_stub(isa, *trap, func, builder),
        Job::Main(instances, calls) => translate::translate_main(env, isa, instances, calls, func, builder),
        Job::ThreadMain(instance, start) => {
            translate::translate_thread_main(env, isa, *instance, *start, func, builder);
        }
        Job::Command(_, command) => translate::translate_command(env, isa, command, func, builder),
        Job::Instantiate(library) => translate::translate_instantiate(env, isa, library, func, builder),
        Job::Interface(index) => translate::translate_interface(env, isa, *index, func, builder),
        Job::InterfaceBody(_, callee) => {
            translate::translate_interface_body(env, isa, *callee, func, builder)?;
        }
    }
    Ok(None)
}

fn compile_one(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    job: &Job<'_>,
    passes: Passes,
    bodies: &Bodies,
    worker: &mut Worker,
) -> Result<CompiledFunction> {
    if let Job::Interface(index) = job
        && let Some(library) = env.program.library()
        && env.is_direct(library.functions[*index as usize].does)
    {
        return Ok(thunk::x86_64(*index, library.many));
    }
    let (symbol, name) = identify(env, job);
    let translated = worker.translate(env, isa, job, bodies).with_context(|| format!("compiling `{name}`"));
    let (labels, origins) = translated?;
    let Worker { context, allocation, .. } = worker;
    let passes = passes.of(env.program.library().is_some());
    optimise::before(context, isa, passes, env.narrow_memory);
    let mut generator = Generator::new(env, isa, passes, allocation);
    let (compiled, values) = match labels {
        None => generator.compile(context).map(|compiled| (compiled, Values::default())),
        Some(labels) => labelled::compile(context, &mut generator, &labels),
    }
    .map_err(|error| anyhow!("{error}"))
    .with_context(|| format!("compiling `{name}`"))?;
    let buffer = &compiled.buffer;
    let mut relocations = Vec::with_capacity(buffer.relocs().len());
    for relocation in buffer.relocs() {
        let target = match &relocation.target {
            FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
                let name = &context.func.params.user_named_funcs()[*name];
                RelocationTarget::Symbol(symbol_of(name))
            }
            FinalizedRelocTarget::Func(offset) => RelocationTarget::Label(*offset),
            FinalizedRelocTarget::ExternalName(ExternalName::LibCall(LibCall::FmaF32)) => {
                RelocationTarget::Symbol(Symbol::Builtin(Builtin::FmaF32))
            }
            FinalizedRelocTarget::ExternalName(ExternalName::LibCall(LibCall::FmaF64)) => {
                RelocationTarget::Symbol(Symbol::Builtin(Builtin::FmaF64))
            }
            other => bail!("compiling `{name}`: the code needs {other:?}, which the runtime doesn't have"),
        };
        relocations.push(Relocation {
            offset: relocation.offset,
            kind: relocation.kind,
            target,
            addend: relocation.addend,
        });
    }
    let traps = buffer.traps().iter().filter_map(|trap| Some((trap.offset, trap_of(trap.code)?))).collect();
    let call_sites = buffer.call_sites().filter(|site| !site.exception_handlers.is_empty());
    let call_sites = call_sites.map(|site| CallSite {
        return_offset: site.ret_addr,
        frame_bytes: site.frame_offset.expect("every back end says how large frames are"),
        clauses: site.exception_handlers.iter().map(clause_of).collect(),
    });
    let call_sites = call_sites.collect();
    let stack_maps = buffer.user_stack_maps().iter().map(|(return_offset, frame_bytes, map)| StackMap {
        return_offset: *return_offset,
        distances: map.entries().map(|(_, offset)| frame_bytes - offset).collect(),
    });
    let stack_maps = stack_maps.collect();
    let locations = buffer.get_srclocs_sorted().iter();
    let mut places: Vec<(u32, Place)> =
        locations.filter_map(|location| Some((location.start, origins.place(location.loc)?))).collect();
    let own = |(start, place): &(u32, Place)| (*start, origins.outermost(*place));
    let mut locations: Vec<(u32, u32)> = places.iter().map(own).collect();
    match origins.calls.is_empty() {
        true => places = Vec::new(),
        false => locations.dedup_by_key(|(_, wasm)| *wasm),
    }
    locations.shrink_to_fit();
    places.shrink_to_fit();
    Ok(CompiledFunction {
        symbol,
        name,
        code: buffer.data().to_vec(),
        alignment: buffer.alignment,
        line: passes.line.then(|| line::dispatch(&compiled.bb_edges)).flatten(),
        relocations,
        traps,
        call_sites,
        saved_registers: saved_registers(&buffer.unwind_info),
        prologue: prologue(&buffer.unwind_info),
        stack_maps,
        locations,
        sites: sites::of(buffer, &origins),
        inlined: origins.calls,
        places,
        values,
    })
}

/// Where a prologue saves registers. Places are relative to what the runtime uses as the frame pointer: the
/// register that Cranelift pushes and then sets, or on s390x, which has none, the backchain, which is one
/// register save area below the caller's stack.
fn saved_registers(prologue: &[(u32, UnwindInst)]) -> Vec<SavedRegister> {
    const REGISTER_SAVE_AREA: u32 = 160;
    let has_frame_pointer = prologue.iter().any(|(_, step)| matches!(step, UnwindInst::PushFrameRegs { .. }));
    let mut below = 0;
    let mut saved = Vec::new();
    for (_, step) in prologue {
        match *step {
            UnwindInst::DefineNewFrame {
                offset_upward_to_caller_sp: up,
                offset_downward_to_clobbers: down,
            } => {
                below = if has_frame_pointer { down } else { up + down - REGISTER_SAVE_AREA };
            }
            UnwindInst::SaveReg { clobber_offset, reg } => {
                // Class 0 is integers, 1 is floats; no function saves those of class 2.
                let place = reg.class() as u8 * Registers::FLOATS + reg.hw_enc();
                let word = (clobber_offset as i32 - below as i32) / 8;
                saved.push(SavedRegister { place, word });
            }
            _ => {}
        }
    }
    saved
}

fn prologue(steps: &[(u32, UnwindInst)]) -> Prologue {
    let mut prologue = Prologue::default();
    for (offset, step) in steps {
        match step {
            UnwindInst::PushFrameRegs { .. } => prologue.push = *offset,
            UnwindInst::DefineNewFrame { offset_upward_to_caller_sp, .. } => {
                prologue.frame_pointer = *offset;
                prologue.caller_stack = *offset_upward_to_caller_sp;
            }
            UnwindInst::StackAlloc { size } => prologue.allocations.push((*offset, *size)),
            UnwindInst::SaveReg { .. } => prologue.saves.push(*offset),
            _ => {}
        }
    }
    prologue
}

/// The encoded clause and the landing of a handler.
fn clause_of(handler: &FinalizedMachExceptionHandler) -> (u32, u32) {
    match handler {
        FinalizedMachExceptionHandler::Tag(clause, landing) => (clause.as_u32(), *landing),
        other => unreachable!("the translator makes no such handler: {other:?}"),
    }
}

/// The trap for a trap code of Cranelift; none for accesses of linear memory.
fn trap_of(code: TrapCode) -> Option<Trap> {
    match code {
        HEAP_ACCESS => None,
        TrapCode::STACK_OVERFLOW => Some(Trap::CallStackExhausted),
        TrapCode::INTEGER_OVERFLOW => Some(Trap::IntegerOverflow),
        TrapCode::INTEGER_DIVISION_BY_ZERO => Some(Trap::IntegerDivideByZero),
        TrapCode::BAD_CONVERSION_TO_INTEGER => Some(Trap::InvalidConversionToInteger),
        other => Trap::from_code(other.as_raw().get()),
    }
}

/// What `--emit clif` and `--emit asm` show of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// CLIF as Cranelift gets it.
    Clif,
    /// Disassembled machine code.
    Assembly,
}

/// The text of all functions.
pub fn list(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    jobs: &[Job<'_>],
    passes: Passes,
    listing: Listing,
) -> Result<String> {
    let bodies = Bodies::new(env);
    let texts: Result<Vec<String>> = jobs
        .par_iter()
        .map_init(Worker::new, |worker, job| {
            let (symbol, name) = identify(env, job);
            worker.translate(env, isa, job, &bodies).with_context(|| format!("compiling `{name}`"))?;
            let Worker { context, allocation, .. } = worker;
            let title = if name.is_empty() { format!("{symbol:?}") } else { name };
            let passes = passes.of(env.program.library().is_some());
            optimise::before(context, isa, passes, env.narrow_memory);
            if listing == Listing::Clif {
                context.verify_if(isa)?;
                return Ok(format!(";; {title}\n{}\n", context.func.display()));
            }
            context.want_disasm = true;
            let mut generator = Generator::new(env, isa, passes, allocation);
            let mut compiled = generator.compile(context).map_err(|error| anyhow!("{error}"))?;
            // Else each block has a label, whether something branches to it or not.
            compiled.bb_starts.clear();
            let params = context.func.params.clone();
            let code = compiled.disassemble(Some(&params), &isa.to_capstone()?)?;
            Ok(format!("{title}:\n{code}\n"))
        })
        .collect();
    Ok(texts?.concat())
}
