//! The phases that programs of modules and of components have in common, from the program to the output.

use super::built::Built;
use super::debug as debug_information;
use super::memory;
use super::plan::{BuildPlan, Emit};
use super::refuse;
use super::report::{Progress, Report};
use crate::codegen::{self, CompiledFunction, Job, Listing};
use crate::debug;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{self, Facts, Inlining};
use crate::layout::Layout;
use crate::link::{Executable, Inputs, Style, unpack};
use crate::metadata::{LineOptions, PostMortemOptions};
use crate::program::{Builder, Program};
use crate::targets::Isa;
use crate::translate::Environment;
use crate::{metadata, object};

/// Makes the errors of a phase typed: an error that isn't typed yet gets this kind.
pub fn in_phase(kind: ErrorKind) -> impl FnOnce(anyhow::Error) -> Error {
    move |error| Error::classify(error, kind)
}

/// A builder with the limits of the plan.
pub fn builder<'a>(plan: &BuildPlan) -> Builder<'a> {
    let mut builder = Builder::new(plan.trap_unknown_imports);
    if let Some(limit) = plan.policy.limits.memory {
        builder.limit_memories(limit);
    }
    if let Some(limit) = plan.policy.limits.table {
        builder.limit_tables(limit);
    }
    builder
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

/// Generates code for a program and returns what the plan asks for; of a library, its object.
pub fn produce(
    program: &Program<'_>,
    plan: &BuildPlan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Built> {
    let facts = report.time("analyse", || facts(program))?;
    let cpu = plan.target.cpu_for(plan.cpu.as_deref(), facts.has_vectors());
    let isa = plan.target.isa(plan.opt_level, cpu, plan.checks).map_err(in_phase(ErrorKind::Target))?;
    refuse::check_target(program, &facts, plan, &*isa)?;
    let demands = plan.target.cpu_demands(&*isa, cpu);
    let layout = report.time("lay out", || Layout::new(program, &facts, plan.layout_options()));
    refuse::check_state(&layout)?;
    let generated = debug_information::generate(program, &plan.debug, report);
    let debug = debug_information::inputs(program, &plan.debug, &generated, report);
    let mut env = Environment::new(&layout, plan.target, plan.options());
    env.wanted = debug.wanted(program);
    if plan.passes.inline && plan.opt_level.optimises() {
        let catches = plan.target.c_convention.supports_exceptions();
        let devirtualise = env.options.devirtualise;
        env.inlining =
            report.time("choose what to inline", || Inlining::of(program, &facts, devirtualise, catches));
    }
    let jobs = codegen::jobs(&env);
    let listing = match plan.emit {
        Emit::Clif => Some(Listing::Clif),
        Emit::Assembly => Some(Listing::Assembly),
        _ => None,
    };
    if let Some(listing) = listing {
        let text = report.time("generate code", || codegen::list(&env, &*isa, &jobs, plan.passes, listing));
        report.count_functions(program, jobs.len());
        let text = text.map_err(in_phase(ErrorKind::CodeGeneration))?;
        return Ok(Built::from(text.into_bytes()));
    }
    // Looked up first, since compiling takes long.
    let needs_runtime = matches!(plan.emit, Emit::Executable | Emit::StaticLibrary | Emit::SharedLibrary);
    let runtime = if needs_runtime { Some(refuse::runtime(program, plan)?) } else { None };
    let parts = Parts { env: &env, jobs: &jobs, debug: &debug, cpu: demands };
    let object = relocatable(parts, isa, plan, report, progress)?;
    match runtime {
        Some(runtime) if plan.emit == Emit::Executable => link(object, runtime, plan, report),
        _ => Ok(Built::from(object)),
    }
}

/// What an object is made of.
struct Parts<'s, 'p, 'a> {
    env: &'s Environment<'p, 'a>,
    jobs: &'s [Job<'p>],
    debug: &'s debug::Inputs<'a>,
    /// What the CPU must have.
    cpu: Vec<u8>,
}

/// Writes a program's code and data as an object.
fn relocatable(
    parts: Parts<'_, '_, '_>,
    isa: Isa,
    plan: &BuildPlan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let Parts { env, jobs, debug, cpu } = parts;
    let program = env.layout.program;
    progress.begin(jobs.iter().map(|job| codegen::size(program, job)).sum());
    let functions = report.time("generate code", || {
        codegen::compile(env, &*isa, jobs, plan.passes, &|size| progress.advance(size))
    });
    progress.end();
    let mut functions = functions.map_err(in_phase(ErrorKind::CodeGeneration))?;
    report.count_functions(program, functions.len());
    report.code_bytes = functions.iter().map(|function| function.code.len()).sum();
    // Who debugs or profiles has debug information: without it, not a byte is spent.
    let is_debugged = !plan.strip && !debug.is_empty();
    let has_dumps = program.library().is_none() && (is_debugged || plan.core_on_trap);
    let post_mortem = has_dumps
        .then_some(PostMortemOptions { core_on_trap: plan.core_on_trap, locked: plan.policy.locked });
    let options = object::Options {
        image_end: plan.image_end(),
        unwind_tables: is_debugged || has_dumps && !plan.strip,
        core_dumps: has_dumps,
        code_offset: plan.code_offset,
    };
    let native =
        (!debug.is_empty()).then(|| debug_information::native(env.layout, debug, &functions, &*isa, report));
    if native.is_some() {
        // Nothing else needs it, and it takes more memory than the code.
        functions.iter_mut().for_each(CompiledFunction::forget_debug);
        memory::give_back();
    }
    report.time("write object", || {
        let mut written = object::write(env.layout, isa, functions, options, &metadata::FEATURES)
            .map_err(in_phase(ErrorKind::CodeGeneration))?;
        let lines = LineOptions {
            inputs: debug,
            stripped: plan.strip,
            backtrace: plan.backtrace,
            locked: plan.policy.locked,
        };
        let options = metadata::Options { heap: plan.heap, post_mortem, snapshot: plan.snapshot.as_deref() };
        let added = metadata::add(env.layout, &mut written, &plan.policy, options, &cpu, lines);
        added.map_err(|error| {
            let is_io = error.chain().any(|cause| cause.is::<std::io::Error>());
            Error::classify(error, if is_io { ErrorKind::Io } else { ErrorKind::Limit })
        })?;
        if let Some(sections) = native {
            let alone = matches!(plan.emit, Emit::Executable | Emit::SharedLibrary);
            object::debug::add(&mut written, sections, alone).map_err(in_phase(ErrorKind::CodeGeneration))?;
        }
        if !plan.pie {
            metadata::add_empty_dynamic_section(&mut written);
        }
        written.emit().map_err(in_phase(ErrorKind::CodeGeneration))
    })
}

/// Links an object and the runtime to an executable.
fn link(object: Vec<u8>, runtime: &[u8], plan: &BuildPlan, report: &mut Report) -> Result<Built> {
    let style = Style { pie: plan.pie, debug: plan.link_debug() };
    let linked = report.time("link", || {
        let inputs = Inputs { object, runtime: unpack(runtime)?, stack_size: plan.policy.limits.stack };
        plan.linker.link(plan.target, inputs, &style)
    });
    let Executable { bytes, debug_file } = linked.map_err(in_phase(ErrorKind::Link))?;
    Ok(Built { bytes, debug_file, ..Built::default() })
}
