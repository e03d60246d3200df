//! The whole way from a module to an executable, phase by phase.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use cranelift_codegen::isa::CallConv;
use wasmparser::WasmFeatures;

use crate::codegen::{self, Listing};
use crate::entry;
use crate::facts::{self, Facts};
use crate::layout::{self, HostVariants, Layout, MemoryOptions};
use crate::link::{Inputs, Linker, Style};
use crate::metadata::{self, HeapOptions};
use crate::object::ImageEnd;
use crate::output;
use crate::parse::{self, Module};
use crate::policy::Policy;
use crate::program::{Builder, Entity, FuncKind, Main, MemoryId, Program};
use crate::progress;
use crate::targets::{Checks, Format, OptLevel, Target};
use crate::translate::{Environment, Options};

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    Executable,
    Object,
    Assembly,
    Clif,
}

/// Everything that decides what a build produces. Made from the command line, never changed.
#[derive(Clone, Debug)]
pub struct BuildPlan {
    pub target: &'static Target,
    pub emit: Emit,
    pub opt_level: OptLevel,
    pub cpu: Option<String>,
    pub linker: Linker,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Features that the module may use.
    pub features: WasmFeatures,
    pub memory_guard: bool,
    pub trap_unknown_imports: bool,
    /// The exported function to call in the place of `_start`, and its arguments: see `invoke`.
    pub invoke: Option<String>,
    /// Relaxed SIMD gives the results of the specification's deterministic profile.
    pub relaxed_simd_deterministic: bool,
    pub heap: HeapOptions,
    pub strip: bool,
    /// May the system load the executable at any address?
    pub pie: bool,
    pub policy: Policy,
    /// Checks of the code generator itself.
    pub checks: Checks,
    /// Show a progress bar if standard error is a terminal.
    pub progress: bool,
}

impl BuildPlan {
    pub fn new(target: &'static Target) -> BuildPlan {
        BuildPlan {
            target,
            emit: Emit::Executable,
            opt_level: OptLevel::O2,
            cpu: None,
            linker: Linker::Auto,
            threads: 0,
            features: parse::features::SUPPORTED,
            memory_guard: true,
            trap_unknown_imports: false,
            invoke: None,
            relaxed_simd_deterministic: false,
            heap: HeapOptions::default(),
            strip: false,
            pie: true,
            policy: Policy::default(),
            checks: Checks::default(),
            progress: false,
        }
    }

    pub fn options(&self) -> Options {
        Options {
            relaxed_simd_deterministic: self.relaxed_simd_deterministic,
            soft_limits: self.policy.limits.soft,
        }
    }

    pub fn layout_options(&self) -> layout::Options {
        layout::Options {
            memory: MemoryOptions { guard: self.memory_guard, base: self.target.memory_base },
            fuel: self.policy.limits.fuel,
            stack_size: self.policy.limits.stack,
            host: HostVariants {
                user_env: !self.policy.locked,
                native: self.policy.native,
                bundles: !self.policy.bundles.is_empty(),
                trace: self.policy.trace,
            },
            host_convention_differs: self.target.c_convention != CallConv::SystemV,
        }
    }

    fn image_end(&self) -> ImageEnd {
        match self.emit {
            _ if !self.target.format.moves_pages() => ImageEnd::None,
            Emit::Executable => self.linker.image_end(),
            _ => ImageEnd::Page,
        }
    }
}

/// What a build did.
#[derive(Default)]
pub struct Report {
    pub functions: usize,
    pub functions_total: usize,
    pub code_bytes: usize,
    pub output_bytes: u64,
    /// What the user may not expect of the program.
    pub warnings: Vec<String>,
    /// Phases in order, with their wall time.
    pub phases: Vec<(&'static str, Duration)>,
}

impl Report {
    fn time<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.phases.push((phase, start.elapsed()));
        result
    }

    fn count_functions(&mut self, program: &Program<'_>, compiled: usize) {
        self.functions = compiled;
        self.functions_total =
            program.funcs.values().filter(|func| matches!(func.kind, FuncKind::Wasm(..))).count();
    }
}

/// Builds `wasm` (binary format) into `output`.
///
/// A regular file appears whole or not at all: it is written beside `output` and then renamed.
///
/// # Errors
/// Invalid or unsupported modules, unknown imports, a missing runtime, input and output.
pub fn build(wasm: &[u8], output: &Path, plan: &BuildPlan) -> Result<Report> {
    let (bytes, mut report) = executable(wasm, plan)?;
    write(&bytes, output, plan, &mut report)?;
    Ok(report)
}

/// Builds what the plan asks for of `wasm` (binary format) in memory.
///
/// # Errors
/// As `build`.
pub fn executable(wasm: &[u8], plan: &BuildPlan) -> Result<(Vec<u8>, Report)> {
    with_threads(plan, || {
        let mut report = Report::default();
        let module = report.time("parse and validate", || parse::parse(wasm, plan.features))?;
        let program = report.time("instantiate", || program(&module, plan))?;
        report.warnings = entry::warnings(&module, plan.invoke.as_deref());
        let bytes = produce(&program, plan, &mut report)?;
        Ok((bytes, report))
    })
}

/// Runs `work` with as many threads as the plan says.
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
pub fn write_program(
    program: &Program<'_>,
    output: &Path,
    plan: &BuildPlan,
    report: &mut Report,
) -> Result<()> {
    let bytes = produce(program, plan, report)?;
    write(&bytes, output, plan, report)
}

fn write(bytes: &[u8], output: &Path, plan: &BuildPlan, report: &mut Report) -> Result<()> {
    let executable = plan.emit == Emit::Executable;
    report.time("write output", || output::write(output, bytes, executable))?;
    report.output_bytes = bytes.len() as u64;
    Ok(())
}

/// Generates code for a program and returns what the plan asks for.
fn produce(program: &Program<'_>, plan: &BuildPlan, report: &mut Report) -> Result<Vec<u8>> {
    let facts = report.time("analyse", || facts(program))?;
    let cpu = plan.target.cpu_for(plan.cpu.as_deref(), facts.has_vectors());
    let isa = plan.target.isa(plan.opt_level, cpu, plan.checks)?;
    if facts.has_vectors() {
        plan.target.require_vectors(&*isa)?;
    }
    let cpu = plan.target.cpu_demands(&*isa, cpu);
    check_supported(&facts, plan)?;
    let layout = report.time("lay out", || Layout::new(program, &facts, plan.layout_options()));
    let env = Environment::new(&layout, plan.target, plan.options());
    let jobs = codegen::jobs(&env);
    if let Some(listing) = match plan.emit {
        Emit::Clif => Some(Listing::Clif),
        Emit::Assembly => Some(Listing::Assembly),
        _ => None,
    } {
        let text = report.time("generate code", || codegen::list(&env, &*isa, &jobs, listing))?;
        report.count_functions(program, jobs.len());
        return Ok(text.into_bytes());
    }
    let runtime = match plan.emit {
        Emit::Object => None,
        _ => Some(plan.target.runtime().ok_or_else(|| {
            anyhow!(
                "this build of wasm-aot has no runtime for {}; `make build` makes one that has it",
                plan.target.name
            )
        })?),
    };
    let work = jobs.iter().map(|job| codegen::size(program, job)).sum();
    let bar = progress::bar(plan.progress, work);
    let functions =
        report.time("generate code", || codegen::compile(&env, &*isa, &jobs, &|size| bar.inc(size)));
    bar.finish_and_clear();
    let functions = functions?;
    report.count_functions(program, functions.len());
    report.code_bytes = functions.iter().map(|function| function.code.len()).sum();
    let bytes = report.time("write object", || -> Result<Vec<u8>> {
        let mut written =
            crate::object::write(&layout, isa, functions, plan.image_end(), &metadata::FEATURES)?;
        metadata::add(&layout, &mut written, &plan.policy, plan.heap, &cpu)?;
        if !plan.pie {
            metadata::add_empty_dynamic_section(&mut written);
        }
        written.emit()
    })?;
    match runtime {
        None => Ok(bytes),
        Some(runtime) => {
            let runtime = crate::embedded::unpack(runtime)?;
            let inputs = Inputs { object: bytes, runtime, stack_size: plan.policy.limits.stack };
            report.time("link", || {
                plan.linker.link(plan.target, inputs, Style { strip: plan.strip, pie: plan.pie })
            })
        }
    }
}

/// Refuses what the target's runtime doesn't have.
fn check_supported(facts: &Facts, plan: &BuildPlan) -> Result<()> {
    let target = plan.target;
    if facts.uses_gc() && !target.collector {
        bail!("garbage collection: programs for {} can't have objects yet", target.name);
    }
    if !plan.pie && !matches!(target.format, Format::Elf(_)) {
        bail!("--no-pie: programs for {} are always position-independent", target.name);
    }
    Ok(())
}

/// The facts of a program.
///
/// # Errors
/// If it starts threads that can't share what they should.
pub fn facts(program: &Program<'_>) -> Result<Facts> {
    let facts = Facts::of(program);
    facts::threads::check(program, &facts)?;
    Ok(facts)
}

/// The closed-world program of a single module: a command, or a library that is only instantiated.
pub fn program<'a>(module: &'a Module<'a>, plan: &BuildPlan) -> Result<Program<'a>> {
    let mut builder = Builder::new(plan.trap_unknown_imports);
    if let Some(limit) = plan.policy.limits.memory {
        builder.limit_memories(limit);
    }
    if let Some(limit) = plan.policy.limits.table {
        builder.limit_tables(limit);
    }
    let instance = builder.instantiate(module)?;
    let shared = |memory: &MemoryId| builder.memory_type(*memory).shared;
    if plan.policy.limits.fuel.is_some() && builder.instance(instance).memories.values().any(shared) {
        bail!("fuel can't be counted in a program with a shared memory: its threads would share it, too");
    }
    let calls = entry::calls(module, builder.instance(instance), plan.invoke.as_deref())?;
    let exported = match builder.instance(instance).export("memory") {
        Some(Entity::Memory(memory)) => Some(memory),
        _ => builder.instance(instance).memories.values().next().copied(),
    };
    let memory: Option<MemoryId> = exported;
    let program = builder.finish(Main::Command(instance, calls), memory)?;
    if program.thread_start.is_some() && plan.policy.limits.fuel.is_some() {
        bail!("fuel can't be counted in a program that starts threads");
    }
    Ok(program)
}
