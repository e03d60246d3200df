//! What `inspect` shows of a component: its world, its core modules.

use std::fmt::Write as _;

use anyhow::Result;

use super::module::features;
use super::outcome::outcome;
use crate::component::world::{self, Interface};
use crate::component::{self, Adapters};
use crate::driver::{self, BuildPlan};
use crate::error::ErrorKind;
use crate::escape::escape;
use crate::parse::features::SUPPORTED;
use crate::targets::Target;

/// What the component contains, and whether a build would succeed.
pub fn describe(text: &mut String, bytes: &[u8]) -> Result<()> {
    let adapters = Adapters::new();
    let parsed = component::parse(bytes, &adapters, SUPPORTED)
        .and_then(|component| Ok((component::parse_modules(&component, SUPPORTED)?, component)));
    let (modules, component) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            writeln!(text, "\nbuild: would fail: {error:#}")?;
            return Ok(());
        }
    };
    writeln!(text, "features: {}", features(modules.values()))?;
    let imports = world::imports(&component);
    writeln!(text, "\nimported functions: {}", count(&imports))?;
    list(text, &imports)?;
    let exports = world::exports(&component);
    writeln!(text, "exported functions: {}", count(&exports))?;
    list(text, &exports)?;
    writeln!(text, "core modules: {}", modules.len())?;
    for (index, module) in &modules {
        let kind = if component.is_adapter(index) { ", an adapter between components" } else { "" };
        let (bytes, functions) = (module.bytes.len(), module.defined.len());
        writeln!(text, "  {bytes} bytes, {functions} functions{kind}")?;
    }
    let items = &component.translation.component;
    writeln!(text, "component instances: {}", items.num_runtime_component_instances)?;
    writeln!(text, "resources defined: {}", items.defined_resource_instances.len())?;
    let plan = BuildPlan::new(Target::host()?);
    let reachable = driver::component_program(&component, &modules, &plan)
        .and_then(|program| Ok(driver::facts(&program)?.compiled_functions(&program).len()));
    match reachable {
        Err(error) if error.kind() == ErrorKind::Entry && count(&exports) != 0 => {
            let instead = "with --invoke 'NAME(ARGUMENTS)'";
            writeln!(text, "\nbuild: would succeed {instead}: the component doesn't export `wasi:cli/run`")?;
        }
        reachable => {
            outcome(text, reachable, modules.values().map(|module| module.defined.len()).sum())?;
        }
    }
    Ok(())
}

fn count(interfaces: &[Interface<'_>]) -> usize {
    interfaces.iter().map(|interface| interface.functions.len()).sum()
}

fn list(text: &mut String, interfaces: &[Interface<'_>]) -> Result<()> {
    for interface in interfaces {
        let indent = match interface.name {
            Some(name) => {
                writeln!(text, "  {}", escape(name))?;
                "    "
            }
            None => "  ",
        };
        for function in &interface.functions {
            let remark = if function.is_provided { "" } else { " (not provided)" };
            writeln!(text, "{indent}{}: {}{remark}", escape(&function.name), function.declaration)?;
        }
    }
    Ok(())
}
