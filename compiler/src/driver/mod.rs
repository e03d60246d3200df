//! The whole way from a module to an executable, phase by phase.

mod built;
mod component;
mod debug;
mod instances;
mod library;
mod memory;
mod phases;
mod plan;
mod preinit;
mod refuse;
mod report;

use std::path::Path;

pub use built::{Built, Companion};
pub use component::program as component_program;
pub use debug::DebugPlan;
pub use instances::instantiate;
pub use phases::facts;
pub use plan::{BuildPlan, Emit, LibraryPlan};
pub use report::{Progress, Report, Silent};

use crate::error::{ErrorKind, Result};
use crate::modules::Modules;
use crate::program::{Main, Program};
use crate::{entry, output};
use phases::{builder, in_phase, produce};

/// Builds `wasm` (binary format) into `output`.
///
/// A regular file appears whole or not at all: it is written beside `output` and then renamed.
///
/// # Errors
/// As for `compile`, and if the output can't be written.
pub fn build(wasm: &[u8], output: &Path, plan: &BuildPlan) -> Result<Report> {
    let (built, mut report) = compile(wasm, plan, &Silent)?;
    write(&built.bytes, output, plan, &mut report)?;
    Ok(report)
}

/// Builds what the plan asks for from `wasm` (binary format) in memory.
///
/// # Errors
/// Invalid or unsupported modules, unknown imports, a missing runtime: see [`ErrorKind`].
pub fn compile(wasm: &[u8], plan: &BuildPlan, progress: &dyn Progress) -> Result<(Built, Report)> {
    with_threads(plan, || {
        let mut report = Report::default();
        let built = build_parts(wasm, plan, &mut report, progress)?;
        report.output_bytes = built.bytes.len() as u64;
        Ok((built, report))
    })
}

fn build_parts(wasm: &[u8], plan: &BuildPlan, report: &mut Report, progress: &dyn Progress) -> Result<Built> {
    if component::is_component(wasm) {
        refuse::component_library(plan)?;
        refuse::component_preinit(plan)?;
        refuse::check_component(plan)?;
        return component::build(wasm, plan, report, progress);
    }
    let mut modules = report
        .time("parse and validate", || Modules::parse(wasm, &plan.linked, plan.features))
        .map_err(in_phase(ErrorKind::InvalidModule))?;
    let state = match &plan.preinit {
        Some(initialiser) => Some(preinit::run(&mut modules, plan, initialiser, report)?),
        None => None,
    };
    if plan.emit.is_library() {
        return library::build(&modules, state.as_ref(), plan, report, progress);
    }
    let (mut program, warnings) = report.time("instantiate", || program(&modules, plan))?;
    if let Some(state) = &state {
        state.put_into(&mut program).map_err(in_phase(ErrorKind::Preinit))?;
    }
    report.warnings = warnings;
    produce(&program, plan, report, progress)
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
    let built = produce(program, plan, report, &Silent)?;
    write(&built.bytes, output, plan, report)
}

fn write(bytes: &[u8], output: &Path, plan: &BuildPlan, report: &mut Report) -> Result<()> {
    let executable = plan.emit == Emit::Executable;
    report
        .time("write output", || output::write(output, bytes, executable))
        .map_err(in_phase(ErrorKind::Io))?;
    report.output_bytes = bytes.len() as u64;
    Ok(())
}

/// The closed-world program of modules: a command, or a library that is only instantiated; with warnings about what the
/// user may not expect of it. What it can't share among threads is refused with its [`facts()`].
///
/// # Errors
/// If imports can't be bound, the program demands too much, or the function that it runs can't be called.
pub fn program<'a>(modules: &'a Modules<'a>, plan: &BuildPlan) -> Result<(Program<'a>, Vec<String>)> {
    let linking = instantiate(modules, builder(plan), plan)?;
    let (builder, mut warnings) = (linking.builder, linking.warnings);
    let mut calls = if plan.preinit.is_none() { linking.calls } else { Vec::new() };
    let main = builder.instance(linking.main);
    calls.extend(
        entry::calls(&modules.main, main, plan.invoke.as_deref()).map_err(in_phase(ErrorKind::Entry))?,
    );
    warnings.extend(entry::warnings(&modules.main, plan.invoke.as_deref()));
    let main = Main::Command(linking.instances, calls);
    let program = builder.finish(main, linking.host_memory).map_err(refuse::link_error)?;
    refuse::check_program(&program, plan)?;
    Ok((program, warnings))
}
