//! The whole way from a module to an executable, phase by phase.

mod component;
mod plan;
mod refuse;
mod report;

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::read::ZlibDecoder;

pub use plan::{BuildPlan, Emit};
pub use report::{Progress, Report, Silent};

use crate::codegen::{self, Job, Listing};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{self, Facts};
use crate::layout::Layout;
use crate::link::{Inputs, Style};
use crate::parse::{self, Module};
use crate::program::{Builder, Entity, Main, MemoryId, Program};
use crate::targets::Isa;
use crate::translate::Environment;
use crate::{entry, metadata, object, output};

/// Builds `wasm` (binary format) into `output`.
///
/// A regular file appears whole or not at all: it is written beside `output` and then renamed.
///
/// # Errors
/// As for `compile`, and if the output can't be written.
pub fn build(wasm: &[u8], output: &Path, plan: &BuildPlan) -> Result<Report> {
    let (bytes, mut report) = compile(wasm, plan, &Silent)?;
    write(&bytes, output, plan, &mut report)?;
    Ok(report)
}

/// Builds what the plan asks for from `wasm` (binary format) in memory.
///
/// # Errors
/// Invalid or unsupported modules, unknown imports, a missing runtime: see [`ErrorKind`].
pub fn compile(wasm: &[u8], plan: &BuildPlan, progress: &dyn Progress) -> Result<(Vec<u8>, Report)> {
    with_threads(plan, || {
        let mut report = Report::default();
        if component::is_component(wasm) {
            let bytes = component::build(wasm, plan, &mut report, progress)?;
            report.output_bytes = bytes.len() as u64;
            return Ok((bytes, report));
        }
        let module = report
            .time("parse and validate", || parse::parse(wasm, plan.features))
            .map_err(in_phase(ErrorKind::InvalidModule))?;
        let program = report.time("instantiate", || program(&module, plan))?;
        report.warnings = entry::warnings(&module, plan.invoke.as_deref());
        let bytes = produce(&program, plan, &mut report, progress)?;
        report.output_bytes = bytes.len() as u64;
        Ok((bytes, report))
    })
}

/// Runs `work` with the number of threads that the plan specifies.
pub fn with_threads<T: Send>(plan: &BuildPlan, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.threads)
        // Cranelift recurses on deeply nested expressions.
        .stack_size(64 << 20)
        .build()
        .expect("threads can be started");
    pool.install(work)
}

/// Generates code for a program and writes what the plan asks for.
///
/// # Errors
/// As for `build`.
pub fn write_program(
    program: &Program<'_>,
    output: &Path,
    plan: &BuildPlan,
    report: &mut Report,
) -> Result<()> {
    let bytes = produce(program, plan, report, &Silent)?;
    write(&bytes, output, plan, report)
}

fn write(bytes: &[u8], output: &Path, plan: &BuildPlan, report: &mut Report) -> Result<()> {
    let executable = plan.emit == Emit::Executable;
    report
        .time("write output", || output::write(output, bytes, executable))
        .map_err(in_phase(ErrorKind::Io))?;
    report.output_bytes = bytes.len() as u64;
    Ok(())
}

/// Makes the errors of a phase typed: an error that isn't typed yet gets this kind.
fn in_phase(kind: ErrorKind) -> impl FnOnce(anyhow::Error) -> Error {
    move |error| Error::classify(error, kind)
}

/// A builder with the limits of the plan.
fn builder<'a>(plan: &BuildPlan) -> Builder<'a> {
    let mut builder = Builder::new(plan.trap_unknown_imports);
    if let Some(limit) = plan.policy.limits.memory {
        builder.limit_memories(limit);
    }
    if let Some(limit) = plan.policy.limits.table {
        builder.limit_tables(limit);
    }
    builder
}

/// The closed-world program of a single module: a command, or a library that is only instantiated. What it can't share
/// among threads is refused with its [`facts()`].
///
/// # Errors
/// If imports can't be bound, the program demands too much, or the function that it runs can't be called.
pub fn program<'a>(module: &'a Module<'a>, plan: &BuildPlan) -> Result<Program<'a>> {
    let mut builder = builder(plan);
    let instance = builder.instantiate(module).map_err(refuse::link_error)?;
    refuse::check_instance(&builder, builder.instance(instance), plan)?;
    let calls = entry::calls(module, builder.instance(instance), plan.invoke.as_deref())
        .map_err(in_phase(ErrorKind::Entry))?;
    let memory: Option<MemoryId> = match builder.instance(instance).export("memory") {
        Some(Entity::Memory(memory)) => Some(memory),
        _ => builder.instance(instance).memories.values().next().copied(),
    };
    let program = builder.finish(Main::Command(vec![instance], calls), memory).map_err(refuse::link_error)?;
    refuse::check_program(&program, plan)?;
    Ok(program)
}

/// The facts of a program.
///
/// # Errors
/// If it starts threads that would need a copy of something they share.
pub fn facts(program: &Program<'_>) -> Result<Facts> {
    let facts = Facts::of(program);
    facts::threads::check(program, &facts).map_err(refuse::link_error)?;
    Ok(facts)
}

/// Generates code for a program and returns what the plan asks for.
fn produce(
    program: &Program<'_>,
    plan: &BuildPlan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let facts = report.time("analyse", || facts(program))?;
    let cpu = plan.target.cpu_for(plan.cpu.as_deref(), facts.has_vectors());
    let isa = plan.target.isa(plan.opt_level, cpu, plan.checks).map_err(in_phase(ErrorKind::Target))?;
    refuse::check_target(&facts, plan, &*isa)?;
    let demands = plan.target.cpu_demands(&*isa, cpu);
    let layout = report.time("lay out", || Layout::new(program, &facts, plan.layout_options()));
    let env = Environment::new(&layout, plan.target, plan.options());
    let jobs = codegen::jobs(&env);
    let listing = match plan.emit {
        Emit::Clif => Some(Listing::Clif),
        Emit::Assembly => Some(Listing::Assembly),
        Emit::Executable | Emit::Object => None,
    };
    if let Some(listing) = listing {
        let text = report.time("generate code", || codegen::list(&env, &*isa, &jobs, listing));
        report.count_functions(program, jobs.len());
        return Ok(text.map_err(in_phase(ErrorKind::CodeGeneration))?.into_bytes());
    }
    // Looked up first, since compiling takes long.
    let runtime = if plan.emit == Emit::Executable { Some(refuse::runtime(plan)?) } else { None };
    let object = relocatable(&env, isa, &jobs, plan, demands, report, progress)?;
    match runtime {
        None => Ok(object),
        Some(runtime) => link(object, runtime, plan, report),
    }
}

/// Writes a program's code and data as an object.
fn relocatable(
    env: &Environment<'_, '_>,
    isa: Isa,
    jobs: &[Job<'_>],
    plan: &BuildPlan,
    cpu: Vec<u8>,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let program = env.layout.program;
    progress.begin(jobs.iter().map(|job| codegen::size(program, job)).sum());
    let functions =
        report.time("generate code", || codegen::compile(env, &*isa, jobs, &|size| progress.advance(size)));
    progress.end();
    let functions = functions.map_err(in_phase(ErrorKind::CodeGeneration))?;
    report.count_functions(program, functions.len());
    report.code_bytes = functions.iter().map(|function| function.code.len()).sum();
    report.time("write object", || {
        let mut written = object::write(env.layout, isa, functions, plan.image_end(), &metadata::FEATURES)
            .map_err(in_phase(ErrorKind::CodeGeneration))?;
        metadata::add(env.layout, &mut written, &plan.policy, plan.heap, &cpu).map_err(|error| {
            let is_io = error.chain().any(|cause| cause.is::<std::io::Error>());
            Error::classify(error, if is_io { ErrorKind::Io } else { ErrorKind::Limit })
        })?;
        if !plan.pie {
            metadata::add_empty_dynamic_section(&mut written);
        }
        written.emit().map_err(in_phase(ErrorKind::CodeGeneration))
    })
}

/// Links an object and the runtime to an executable.
fn link(object: Vec<u8>, runtime: &[u8], plan: &BuildPlan, report: &mut Report) -> Result<Vec<u8>> {
    let style = Style { strip: plan.strip, pie: plan.pie };
    let linked = report.time("link", || {
        let mut archive = Vec::new();
        ZlibDecoder::new(runtime).read_to_end(&mut archive).context("the runtime is damaged")?;
        let inputs = Inputs { object, runtime: archive, stack_size: plan.policy.limits.stack };
        plan.linker.link(plan.target, inputs, style)
    });
    linked.map_err(in_phase(ErrorKind::Link))
}
