//! Pre-initialisation: builds the program whose state is wanted for this machine, and runs it.

use std::fs;
use std::path::PathBuf;

use anyhow::anyhow;

use super::phases::{builder, facts, in_phase, produce};
use super::plan::BuildPlan;
use super::report::{Report, Silent};
use super::{instances, refuse};
use crate::entry;
use crate::error::{Error, ErrorKind, Result};
use crate::escape::escape;
use crate::layout::Layout;
use crate::modules::Modules;
use crate::output;
use crate::policy::{Limits, Policy};
use crate::preinit::{self, Preinit, State};
use crate::program::{Main, Program};
use crate::targets::{OptLevel, Target};

/// The maximum size of a memory of the initialiser in bytes: what of it isn't zero is going to be in the executable.
const MOST_MEMORY: u64 = 1 << 32;

/// Runs the initialiser of the modules; the state in which it leaves them. Their exports become those of the program that
/// starts with it.
///
/// # Errors
/// If it can't be run here, doesn't return, or leaves something that can't be kept.
pub fn run<'a>(
    modules: &mut Modules<'a>,
    plan: &'a BuildPlan,
    preinit: &'a Preinit,
    report: &mut Report,
) -> Result<State> {
    let state = state(modules, plan, preinit, report)?;
    preinit.change_exports(&mut modules.main, entry::REACTOR).map_err(in_phase(ErrorKind::Entry))?;
    Ok(state)
}

fn state(modules: &Modules<'_>, plan: &BuildPlan, preinit: &Preinit, report: &mut Report) -> Result<State> {
    let io = |error: std::io::Error| anyhow!("--preinit needs a temporary directory: {error}");
    let directory = output::TemporaryDirectory::new().map_err(io).map_err(in_phase(ErrorKind::Io))?;
    let file = directory.path().join("state");
    fs::write(&file, []).map_err(io).map_err(in_phase(ErrorKind::Io))?;
    let host = host_plan(plan, preinit, file.clone())?;
    let program = program(modules, &host, preinit)?;
    let executable =
        report.time("build initialiser", || produce(&program, &host, &mut Report::default(), &Silent))?;
    let path = directory.path().join(host.target.format.executable().around("initialiser"));
    output::write(&path, &executable.bytes, true).map_err(in_phase(ErrorKind::Io))?;
    drop(executable);
    let facts = facts(&program)?;
    let layout = Layout::new(&program, &facts, host.layout_options());
    let name = escape(&preinit.export);
    let ran = report.time("run initialiser", || preinit::execute(&path, &file, preinit.timeout));
    let snapshot = ran.map_err(|error| anyhow!("--preinit: `{name}` {error:#}"));
    let state = snapshot.and_then(|snapshot| {
        let state = report.time("read state", || State::new(snapshot, &layout));
        state.map_err(|error| anyhow!("--preinit: what `{name}` leaves can't be kept: {error:#}"))
    });
    state.map_err(in_phase(ErrorKind::Preinit))
}

/// How the initialiser is built: for this machine, with what it is granted.
fn host_plan(plan: &BuildPlan, preinit: &Preinit, file: PathBuf) -> Result<BuildPlan> {
    let target = Target::host().map_err(|error| {
        let error = anyhow::Error::from(error).context("--preinit runs the initialiser on this machine");
        Error::classify(error, ErrorKind::Target)
    })?;
    let limits = &plan.policy.limits;
    let policy = Policy {
        dirs: preinit.dirs.clone(),
        env: preinit.env.clone(),
        bundles: plan.policy.bundles.iter().chain(&preinit.bundles).cloned().collect(),
        arg0: Some("preinit".to_owned()),
        locked: true,
        limits: Limits {
            memory: Some(limits.memory.unwrap_or(MOST_MEMORY).min(MOST_MEMORY)),
            heap: limits.heap,
            table: limits.table,
            stack: limits.stack,
            timeout: Some(u64::try_from(preinit.timeout.as_nanos()).unwrap_or(u64::MAX)),
            ..Limits::default()
        },
        ..Policy::default()
    };
    let mut host = BuildPlan::new(target);
    host.opt_level = OptLevel::O1;
    host.threads = plan.threads;
    host.features = plan.features;
    host.memory_guard = plan.memory_guard;
    // What whoever links a library defines isn't there yet.
    host.trap_unknown_imports = plan.trap_unknown_imports || plan.emit.is_library();
    host.relaxed_simd_deterministic = true;
    host.debug.keep = false;
    host.checks = plan.checks;
    host.policy = policy;
    host.snapshot = Some(file);
    Ok(host)
}

/// The program that runs the initialiser. Its entities have the same numbers as in the program that is built with the state.
fn program<'a>(modules: &'a Modules<'a>, host: &BuildPlan, preinit: &Preinit) -> Result<Program<'a>> {
    let linking = instances::instantiate(modules, builder(host), host)?;
    let mut calls = linking.calls;
    let main = linking.builder.instance(linking.main);
    let own = entry::initialisers(&modules.main, main, &preinit.export);
    calls.extend(own.map_err(in_phase(ErrorKind::Entry))?);
    let main = Main::Command(linking.instances, calls);
    let program = linking.builder.finish(main, linking.host_memory).map_err(refuse::link_error)?;
    refuse::preinit(&program)?;
    Ok(program)
}
