//! The instances of a program of modules, whatever it does with them: bound to each other and to the host.

use super::plan::BuildPlan;
use super::refuse;
use crate::error::Result;
use crate::modules::{self, Linking, Modules};
use crate::program::Builder;

/// Instantiates the main module, and those that are linked to it, by a builder that has no instances yet.
///
/// # Errors
/// If imports can't be bound or the program demands too much.
pub fn instantiate<'a>(
    modules: &'a Modules<'a>,
    mut builder: Builder<'a>,
    plan: &BuildPlan,
) -> Result<Linking<'a>> {
    refuse::check_module(plan)?;
    let linking = if modules.is_single() {
        let main = builder.instantiate(&modules.main).map_err(refuse::link_error)?;
        let host_memory = builder.instance(main).host_memory();
        let (calls, warnings) = (Vec::new(), Vec::new());
        Linking { builder, instances: vec![main], main, host_memory, calls, warnings }
    } else {
        modules::link(modules, builder).map_err(refuse::link_error)?
    };
    for instance in &linking.instances {
        refuse::check_instance(&linking.builder, linking.builder.instance(*instance), plan)?;
    }
    Ok(linking)
}
