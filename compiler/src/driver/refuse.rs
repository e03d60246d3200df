//! What a build refuses besides invalid modules: programs that the target or the plan doesn't support, and what
//! instantiation finds.

use cranelift_codegen::isa::TargetIsa;

use super::BuildPlan;
use crate::component::{Component, exports};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;
use crate::layout::{Layout, StateLayout};
use crate::program::{Builder, Instance, LinkError, Program};
use crate::targets::{Format, RuntimeKind};

/// Refuses what can't be combined with a shared memory, once the module is instantiated.
pub fn check_instance(builder: &Builder<'_>, instance: &Instance<'_>, plan: &BuildPlan) -> Result<()> {
    let shared = |memory: &_| builder.memory_type(*memory).shared;
    if plan.policy.limits.fuel.is_some() && instance.memories.values().any(shared) {
        return Err(Error::new(
            ErrorKind::Policy,
            "fuel can't be counted in a program with a shared memory: its threads would share it, too",
        ));
    }
    Ok(())
}

/// Refuses grants that only components can use.
pub fn check_module(plan: &BuildPlan) -> Result<()> {
    if plan.policy.serve.is_some() {
        return Err(not_a_service());
    }
    let Some(grant) = plan.policy.component_network() else { return Ok(()) };
    let message = format!("`{grant}` is for components (WASI 0.2), and this is a module");
    Err(Error::new(ErrorKind::Policy, message).advise("; ", "preview 1 programs can use --tcplisten"))
}

/// Refuses a component as a library.
pub fn component_library(plan: &BuildPlan) -> Result<()> {
    if !plan.emit.is_library() {
        return Ok(());
    }
    let message = "a component can't become a library yet: only modules can";
    Err(Error::new(ErrorKind::Unsupported, message).advise("; ", "--emit exe makes a program of it"))
}

/// Refuses to run the initialiser of a component.
pub fn component_preinit(plan: &BuildPlan) -> Result<()> {
    match plan.preinit {
        None => Ok(()),
        Some(_) => {
            let message = "--preinit isn't supported for components yet: only for modules";
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}

/// Refuses programs whose state can't be kept, whatever they do.
pub fn preinit(program: &Program<'_>) -> Result<()> {
    let what = if program.memories.values().any(|memory| memory.ty.shared) {
        "a shared memory"
    } else if program.thread_start.is_some() {
        "threads"
    } else {
        return Ok(());
    };
    let message = format!("--preinit isn't supported for a program with {what}");
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// Refuses what a library can't be built with.
pub fn check_library(plan: &BuildPlan) -> Result<()> {
    let policy = &plan.policy;
    let limits = &policy.limits;
    let refused = [
        (plan.invoke.is_some(), "--invoke"),
        (!plan.pie, "--no-pie"),
        (policy.native, "--native"),
        (policy.trace, "--trace"),
        (!policy.bundles.is_empty(), "--bundle"),
        (!policy.listeners.is_empty(), "--tcplisten"),
        (limits.timeout.is_some(), "--timeout"),
        (limits.fuel.is_some(), "--fuel"),
    ];
    match refused.iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, flag)) => {
            Err(Error::new(ErrorKind::Unsupported, format!("{flag} isn't supported for libraries")))
        }
    }
}

/// Refuses what the runtime can't do in a library.
pub fn check_library_facts(program: &Program<'_>, facts: &Facts) -> Result<()> {
    let Some(library) = program.library() else { return Ok(()) };
    let message = if facts.uses_gc() {
        "garbage collection isn't supported in a library yet"
    } else if program.has_callers_memory {
        "modules with different memories that use WASI aren't supported in a library yet"
    } else if library.many && !program.tags.is_empty() {
        "exceptions aren't supported with --instances many yet"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// Refuses a library whose instances would be too large, beside their memories.
pub fn check_state(layout: &Layout<'_, '_>) -> Result<()> {
    match &layout.state {
        Some(state) if state.bytes > StateLayout::MOST_BYTES => {
            let (bytes, most) = (state.bytes, StateLayout::MOST_BYTES);
            let message = format!(
                "the globals and tables of an instance would take {bytes} bytes; {most} are possible"
            );
            Err(Error::new(ErrorKind::Limit, message))
        }
        _ => Ok(()),
    }
}

/// Refuses what servers don't support, and to serve what isn't a service.
pub fn check_server(plan: &BuildPlan, is_server: bool) -> Result<()> {
    if !is_server {
        return match plan.policy.serve {
            None => Ok(()),
            Some(_) => Err(not_a_service()),
        };
    }
    let target = plan.target;
    if !matches!(target.format, Format::Elf(_)) {
        let message = format!("HTTP services aren't supported on {} yet", target.name);
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let refused =
        [(!plan.memory_guard, "--memory-guard=none"), (plan.policy.limits.timeout.is_some(), "--timeout")];
    match refused.iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, flag)) => {
            let message = format!("{flag} isn't supported for HTTP services yet");
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}

/// The error for a program that can't serve.
fn not_a_service() -> Error {
    let message =
        "`serve` is for components that export `wasi:http/incoming-handler@0.2`, and this isn't one";
    Error::new(ErrorKind::Policy, message)
}

/// Refuses modules that are to be linked to a component.
pub fn check_component(plan: &BuildPlan) -> Result<()> {
    if plan.linked.is_empty() {
        return Ok(());
    }
    let message = "modules can be linked to a module only, and this is a component";
    Err(Error::new(ErrorKind::Unsupported, message)
        .advise("; ", "components are combined by tools such as `wac plug`"))
}

/// Refuses what can't be combined in a whole program.
pub fn check_program(program: &Program<'_>, plan: &BuildPlan) -> Result<()> {
    if program.thread_start.is_some() && plan.policy.limits.fuel.is_some() {
        return Err(Error::new(ErrorKind::Policy, "fuel can't be counted in a program that starts threads"));
    }
    Ok(())
}

/// Refuses what the target's runtime or the code for this CPU doesn't support.
pub fn check_target(
    program: &Program<'_>,
    facts: &Facts,
    plan: &BuildPlan,
    isa: &dyn TargetIsa,
) -> Result<()> {
    let target = plan.target;
    check_library_facts(program, facts)?;
    if facts.has_vectors() {
        target.require_vectors(isa).map_err(|error| Error::classify(error, ErrorKind::Target))?;
    }
    if facts.uses_gc() && !target.collector {
        let message = format!("garbage collection isn't supported on {} yet", target.name);
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if facts.uses_gc() && program.is_server() {
        let message = "garbage collection isn't supported in HTTP services yet";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    // The collector doesn't see the frames behind those of the runtime.
    if facts.uses_gc() && facts.entered().next().is_some() {
        let message = "garbage collection in a component whose functions the host calls (`realloc`, destructors) isn't \
                       supported yet";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if !plan.pie && !matches!(target.format, Format::Elf(_)) {
        let message = format!("--no-pie: programs for {} are always position-independent", target.name);
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// The runtime of the target, compressed.
pub fn runtime(program: &Program<'_>, plan: &BuildPlan) -> Result<&'static [u8]> {
    let kind = match () {
        () if program.library().is_some() => RuntimeKind::Libraries,
        () if program.is_server() => RuntimeKind::Servers,
        () if program.is_component() => RuntimeKind::Components,
        () => RuntimeKind::Modules,
    };
    plan.target.runtime(kind).ok_or_else(|| {
        let message = format!("this build of wasm-aot has no runtime for {}", plan.target.name);
        Error::new(ErrorKind::MissingRuntime, message).advise("; ", "`make build` makes one that has it")
    })
}

/// The error for a component that isn't a command, if no export is to be called.
pub fn nothing_to_run(component: &Component<'_>) -> Error {
    let message = "the component doesn't export `wasi:cli/run`, nor `wasi:http/incoming-handler`, so it isn't a program; ";
    match exports::list(component) {
        Some(exports) => Error::new(ErrorKind::Entry, format!("{message}{exports}"))
            .advise("\n", "--invoke 'NAME(ARGUMENTS)' makes a program that calls one of them"),
        None => Error::new(ErrorKind::Entry, format!("{message}it exports no functions")),
    }
}

/// The error for instances and imports that don't form a program.
pub fn link_error(error: LinkError) -> Error {
    let text = error.to_string();
    let kind = link_error_kind(&error);
    // The last line says what to do.
    match text.rsplit_once('\n') {
        Some((message, help)) if kind == ErrorKind::UnknownImport => {
            Error::new(kind, message).advise("\n", help)
        }
        _ => Error::new(kind, text),
    }
}

fn link_error_kind(error: &LinkError) -> ErrorKind {
    match error {
        LinkError::Unknown(_) => ErrorKind::UnknownImport,
        LinkError::Incompatible { .. } => ErrorKind::ImportType,
        LinkError::TooLarge(_) => ErrorKind::Limit,
        LinkError::Threads(_) | LinkError::Unsupported(_) => ErrorKind::Unsupported,
        LinkError::Modules(_) => ErrorKind::Link,
        LinkError::In(_, error) => link_error_kind(error),
    }
}
