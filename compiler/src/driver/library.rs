//! A module as a library: its interface, the program with a function for each part of it, and the file that is linked or
//! loaded.

use std::collections::{HashMap, HashSet};
use std::ptr;

use super::built::{Built, Companion};
use super::instances::instantiate;
use super::phases::{builder, in_phase, produce};
use super::plan::{BuildPlan, Emit};
use super::refuse;
use super::report::{Progress, Report};
use crate::entry;
use crate::error::{ErrorKind, Result};
use crate::library::{self, Handler, Interface, Options, Provider};
use crate::link::{Import, Inputs, Shared, SharedLibrary, merge, unpack};
use crate::modules::Modules;
use crate::parse::{FuncIndex, Item};
use crate::preinit::State;
use crate::program::{self, Access, Instance, InterfaceFunction, Library, Main, Program};
use crate::targets::Format;

/// Builds a module into what the plan asks for, with what goes with it. `state`: the initial one of its instances, if its own
/// initialiser has run.
pub fn build(
    modules: &Modules<'_>,
    state: Option<&State>,
    plan: &BuildPlan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Built> {
    refuse::check_library(plan)?;
    let interface = interface(modules, plan)?;
    let text = match plan.emit {
        Emit::Header => Some(library::header(&interface)),
        Emit::Rust => Some(library::rust(&interface)),
        _ => None,
    };
    if let Some(text) = text {
        return Ok(Built::from(text.into_bytes()));
    }
    let (mut program, warnings) = report.time("instantiate", || program(modules, &interface, plan))?;
    if let Some(state) = state {
        state.put_into(&mut program).map_err(in_phase(ErrorKind::Preinit))?;
    }
    report.warnings = warnings;
    let object = produce(&program, plan, report, progress)?.bytes;
    let header = library::header(&interface).into_bytes();
    let mut companions = vec![Companion { name: format!("{}.h", interface.prefix), bytes: header }];
    if plan.emit == Emit::Object {
        return Ok(Built { companions, ..Built::from(object) });
    }
    let runtime = unpack(refuse::runtime(&program, plan)?).map_err(in_phase(ErrorKind::Link))?;
    let linked = report.time("link", || match plan.emit {
        Emit::SharedLibrary => shared(object, runtime, &interface, plan),
        _ => archive(&object, &runtime, &interface, plan).map(Built::from),
    });
    let mut built = linked.map_err(in_phase(ErrorKind::Link))?;
    companions.append(&mut built.companions);
    Ok(Built { companions, ..built })
}

/// Makes a static library of an object and the runtime.
fn archive(
    object: &[u8],
    runtime: &[u8],
    interface: &Interface,
    plan: &BuildPlan,
) -> anyhow::Result<Vec<u8>> {
    let undefined: HashSet<String> = interface.undefined().into_iter().collect();
    let is_left = |name: &str| undefined.contains(name);
    let merged = merge::merge(plan.target, object, runtime, &interface.symbols(), &is_left)?;
    merge::archive(plan.target, &format!("{}.o", interface.prefix), &merged)
}

/// Makes a shared library of an object and the runtime; its import library is one of the companions.
fn shared(
    object: Vec<u8>,
    runtime: Vec<u8>,
    interface: &Interface,
    plan: &BuildPlan,
) -> anyhow::Result<Built> {
    let import = |import: &library::Import| Import { name: import.symbol.clone(), setter: import.setter() };
    let imports: Vec<Import> = interface.imports.iter().map(import).collect();
    let affixes = plan.target.format.shared_library();
    let default = || format!("{}{}{}", affixes.0, interface.prefix, affixes.1);
    let name = plan.library.file_name.clone().unwrap_or_else(default);
    let shared = Shared {
        name: &name,
        exports: &interface.symbols(),
        imports: &imports,
        unset: &interface.trap(),
        debug: &plan.link_debug(),
    };
    let inputs = Inputs { object, runtime, stack_size: plan.policy.limits.stack };
    let linked = plan.linker.link_shared(plan.target, inputs, &shared)?;
    let SharedLibrary { library, import_library, debug_file } = linked;
    let companion = |bytes| {
        let stem = name.strip_suffix(".dll").unwrap_or(&name);
        Companion { name: format!("{stem}.lib"), bytes }
    };
    Ok(Built { bytes: library, companions: import_library.map(companion).into_iter().collect(), debug_file })
}

/// The interface of a module.
///
/// # Errors
/// Names what C can't express.
pub fn interface(modules: &Modules<'_>, plan: &BuildPlan) -> Result<Interface> {
    let handler = match plan.target.format {
        Format::Pe => Handler::Exceptions,
        Format::Elf(_) | Format::MachO => Handler::Signals,
    };
    let options = Options { prefix: plan.library.prefix.clone(), many: plan.library.many, handler };
    let provided = modules.provided();
    Interface::of(&modules.main, options, |module, name| {
        if provided.contains(&(module, name)) {
            return Some(Provider::Library);
        }
        let is_wasi = plan.library.wasi && program::is_host_function(module, name);
        let otherwise = || plan.trap_unknown_imports.then_some(Provider::Library);
        is_wasi.then_some(Provider::Runtime).or_else(otherwise)
    })
}

/// The program that has the interface, and what to warn about.
fn program<'a>(
    modules: &'a Modules<'a>,
    interface: &Interface,
    plan: &BuildPlan,
) -> Result<(Program<'a>, Vec<String>)> {
    let main = &modules.main;
    let left =
        interface.imports.iter().flat_map(|import| import.funcs.iter().map(move |func| (*func, import)));
    let left: HashMap<FuncIndex, String> = left.map(|(func, import)| (func, import.symbol.clone())).collect();
    let mut builder = builder(plan);
    builder.leave_imports(move |import| match import.item {
        // The imports of modules that are linked aren't part of the interface.
        Item::Func(func) if main.imports.as_ptr_range().contains(&ptr::from_ref(import)) => {
            left.get(&func).cloned()
        }
        _ => None,
    });
    let linking = instantiate(modules, builder, plan)?;
    let instance = linking.builder.instance(linking.main);
    let initialize = entry::initialize(main).map_err(in_phase(ErrorKind::Entry))?;
    let linked = if plan.preinit.is_none() { &linking.calls[..] } else { &[] };
    let linked = linked.iter().map(|call| call.func);
    let library = Library {
        initialize: linked.chain(initialize.into_iter().map(|func| instance.funcs[func])).collect(),
        functions: functions(interface, instance),
        many: interface.many,
        instances: linking.instances,
    };
    let program = linking.builder.finish(Main::Library(library), linking.host_memory);
    Ok((program.map_err(refuse::link_error)?, linking.warnings))
}

/// The functions of the interface, in the order of `Interface::symbols`.
fn functions(interface: &Interface, instance: &Instance<'_>) -> Vec<InterfaceFunction> {
    let mut functions = Vec::new();
    let mut add = |symbol: String, does| functions.push(InterfaceFunction { symbol, does });
    for (service, symbol) in interface.services() {
        add(symbol, Access::Runtime(service));
    }
    for function in &interface.functions {
        add(function.symbol.clone(), Access::Call(instance.funcs[function.func]));
    }
    for memory in &interface.memories {
        let id = instance.memories[memory.memory];
        add(memory.base(), Access::MemoryBase(id));
        add(memory.size(), Access::MemorySize(id));
        add(memory.pointer(), Access::MemoryPointer(id));
    }
    for global in &interface.globals {
        let id = instance.globals[global.global];
        add(global.get(), Access::GlobalGet(id));
        if let Some(symbol) = global.set() {
            add(symbol, Access::GlobalSet(id));
        }
    }
    for table in &interface.tables {
        add(table.size(), Access::TableSize(instance.tables[table.table]));
    }
    functions
}
