//! From a component to its program.

use anyhow::Context as _;

use super::built::Built;
use super::phases::{builder, in_phase, produce};
use super::plan::BuildPlan;
use super::refuse;
use super::report::{Progress, Report};
use crate::component::{self, Adapters, Component, Modules};
use crate::error::{ErrorKind, Result};
use crate::escape::escape;
use crate::program::{Main, Program};

pub use crate::component::is_component;

/// Builds what the plan asks for from a component in the binary format.
pub fn build(bytes: &[u8], plan: &BuildPlan, report: &mut Report, progress: &dyn Progress) -> Result<Built> {
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
    let is_wanted =
        plan.invoke.is_none() && (plan.policy.serve.is_some() || component::service::is_server(component));
    let handler = is_wanted.then(|| component::service::find(component)).flatten();
    refuse::check_server(plan, handler.is_some())?;
    let is_server = handler.is_some();
    let mut instantiation =
        component::instantiate(component, modules, &mut builder, is_server, plan.trap_unknown_imports)
            .map_err(refuse::link_error)?;
    let mut calls = Vec::new();
    if let Some(text) = &plan.invoke {
        let (function, values) = component::invoke::parse(component, text)
            .with_context(|| format!("--invoke '{}'", escape(text)))
            .map_err(in_phase(ErrorKind::Entry))?;
        instantiation.invoke(&function, values).map_err(refuse::link_error)?;
    } else if let Some(handler) = handler {
        instantiation.serve(&handler).map_err(refuse::link_error)?;
    } else if let Some(run) = component::run::find(component) {
        calls = instantiation.run(&run).map_err(refuse::link_error)?;
    } else {
        return Err(refuse::nothing_to_run(component));
    }
    let instances = instantiation.instances.values().copied().collect();
    let memory = instantiation.only_memory();
    let program = builder.finish(Main::Command(instances, calls), memory).map_err(refuse::link_error)?;
    refuse::check_program(&program, plan)?;
    Ok(program)
}
