//! From a component to its program.

use super::phases::{builder, in_phase, produce};
use super::plan::BuildPlan;
use super::refuse;
use super::report::{Progress, Report};
use crate::component::{self, Adapters, Component, Modules};
use crate::error::{Error, ErrorKind, Result};
use crate::program::{Call, Main, Program, Results};

pub use crate::component::is_component;

/// Builds what the plan asks for from a component in the binary format.
pub fn build(
    bytes: &[u8],
    plan: &BuildPlan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let adapters = Adapters::new();
    let parsed = report.time("parse and validate", || {
        let component = component::parse(bytes, &adapters, plan.features)?;
        let modules = component::parse_modules(&component, plan.features)?;
        Ok((component, modules))
    });
    let (component, modules) = parsed.map_err(in_phase(ErrorKind::InvalidModule))?;
    let program = report.time("instantiate", || program(&component, &modules, plan))?;
    produce(&program, plan, report, progress)
}

/// The closed-world program of a component.
///
/// # Errors
/// If imports can't be bound, something isn't supported, or there is nothing to run.
pub fn program<'c>(
    component: &'c Component<'_>,
    modules: &'c Modules<'_>,
    plan: &BuildPlan,
) -> Result<Program<'c>> {
    let mut builder = builder(plan);
    let mut instantiation =
        component::instantiate(component, modules, &mut builder, plan.trap_unknown_imports)
            .map_err(refuse::link_error)?;
    let Some((run, options)) = component::run::find(component) else {
        return Err(Error::new(ErrorKind::Entry, "the component doesn't export `wasi:cli/run`"));
    };
    let func = instantiation.func(run).map_err(refuse::link_error)?;
    let post_return = instantiation.post_return(options);
    let instances = instantiation.instances.values().copied().collect();
    let calls = vec![Call { func, arguments: Vec::new(), results: Results::Checked, post_return }];
    let program = builder.finish(Main::Command(instances, calls), None).map_err(refuse::link_error)?;
    refuse::check_program(&program, plan)?;
    Ok(program)
}
