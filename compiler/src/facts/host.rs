//! What of the host a program uses: whether it can tell if it has directories, and which of the host's resources can exist
//! in it.

use wasm_aot_abi::host;
use wasm_aot_abi::wasi2::ResourceKind;

use super::reach::{Reach, Summaries};
use crate::parse::{Export, Item, Module};
use crate::program::{FuncId, FuncKind, Main, Program, RuntimeFunc};

/// The facts about a program's use of the host.
pub struct HostFacts {
    /// Whether it uses directories at all.
    pub uses_directories: bool,
    /// The kinds of resources that functions which can be called give to components.
    made: Vec<ResourceKind>,
}

/// Preview 1's functions by which a program can tell what directories it has, by the beginnings of their names.
const DIRECTORIES: [&str; 3] = ["path_", "fd_prestat", "fd_readdir"];

/// How the names of functions begin or end by which a component uses more of a descriptor than what it is.
const DESCRIPTORS: [&str; 2] = ["-at", "read-directory"];

/// The interface that gives a component its directories.
const PREOPENS: &str = "wasi:filesystem/preopens";

impl HostFacts {
    pub fn of(program: &Program<'_>, reach: &Reach, summaries: &Summaries<'_>) -> HostFacts {
        let uses_directories = uses_directories(program, reach, summaries);
        let functions = reach.reachable.iter().filter_map(|func| Some(program.bound(func)?.function));
        let functions: Vec<RuntimeFunc> = functions.collect();
        let makes = |kind: ResourceKind| {
            let own = format!("own<{}>", kind.name());
            functions.iter().any(|function| match function {
                RuntimeFunc::Host(PREOPENS, _) if !uses_directories => false,
                RuntimeFunc::Host(_, function) => {
                    let result = function.ty.split_once(" -> ").map_or("", |(_, result)| result);
                    // What isn't spelled out is a type with a name: only errors of streams have resources in them.
                    result.contains(&own) || kind == ResourceKind::Error && result.contains("stream-error")
                }
                _ => false,
            })
        };
        // The arguments of a server's `handle`.
        let given = [ResourceKind::IncomingRequest, ResourceKind::ResponseOutparam];
        let is_given = |kind: ResourceKind| program.is_server() && given.contains(&kind);
        let made = ResourceKind::ALL.iter().copied().filter(|kind| makes(*kind) || is_given(*kind)).collect();
        HostFacts { uses_directories, made }
    }

    /// Whether functions that can be called give resources of this kind to components.
    pub fn has_resource(&self, kind: ResourceKind) -> bool {
        self.made.contains(&kind)
    }

    /// Whether the program can open sockets or look up names while it runs.
    pub fn uses_network(&self) -> bool {
        let kinds = [ResourceKind::TcpSocket, ResourceKind::UdpSocket, ResourceKind::ResolveAddressStream];
        kinds.iter().any(|kind| self.made.contains(kind))
    }

    /// Whether the function needs a resource of a kind that can't exist.
    pub fn is_vain(&self, function: RuntimeFunc) -> bool {
        let exists = |kind: &ResourceKind| self.made.contains(kind);
        match function {
            RuntimeFunc::Builtin(_)
            | RuntimeFunc::Wave(_)
            | RuntimeFunc::TaskReturn
            | RuntimeFunc::Call(_)
            | RuntimeFunc::Host3 { .. } => false,
            RuntimeFunc::Drop(kind) => !exists(&kind),
            RuntimeFunc::Host(_, function) => {
                let needs =
                    |kind: &&ResourceKind| function.ty.starts_with(&format!("(borrow<{}>", kind.name()));
                ResourceKind::ALL.iter().find(needs).is_some_and(|kind| !exists(kind))
            }
        }
    }
}

fn uses_directories(program: &Program<'_>, reach: &Reach, summaries: &Summaries<'_>) -> bool {
    let functions = || reach.reachable.iter().map(|func| (func, program.funcs[func].kind));
    let by_name = functions().any(|(_, kind)| match kind {
        FuncKind::Host(host) => DIRECTORIES.iter().any(|prefix| host.name.starts_with(prefix)),
        FuncKind::Bound(bound) => {
            let function = program.canonical.bound[bound].function;
            matches!(function, RuntimeFunc::Host(_, function) if DESCRIPTORS.iter().any(|part| function.name.contains(part)))
        }
        _ => false,
    });
    let asks = |func: FuncId| {
        let function = program.bound(func).map(|bound| bound.function);
        matches!(function, Some(RuntimeFunc::Host(PREOPENS, _)))
    };
    by_name
        || functions().any(|(func, kind)| match kind {
            FuncKind::Bound(_) => asks(func) && is_called_otherwise(program, reach, func),
            FuncKind::Wasm(id, _) => {
                let instance = &program.instances[id];
                let mut calls = summaries(func).into_iter().flat_map(|summary| &summary.calls);
                calls.any(|callee| asks(instance.funcs[*callee])) && shows_directories(instance.module)
            }
            _ => false,
        })
}

/// Whether a function is called by anything but a direct call in Wasm.
fn is_called_otherwise(program: &Program<'_>, reach: &Reach, func: FuncId) -> bool {
    let is_run = || match &program.main {
        Main::Command(_, calls) => calls
            .iter()
            .any(|call| call.func == func || call.post_return.is_some_and(|after| after.func == func)),
        _ => true,
    };
    let mut tables = program.tables.iter().filter(|(table, _)| reach.tables[*table].is_used());
    reach.referenced.contains(func)
        || reach.entered.contains(func)
        || is_run()
        || tables.any(|(_, plan)| plan.functions().any(|element| element == func))
}

/// Whether a module that asks for its directories can let the program know of them. The adapter that makes a component of a
/// preview 1 program always asks, but doesn't tell if the program can't ask: its exports are the functions that the program
/// imports.
fn shows_directories(module: &Module<'_>) -> bool {
    let preview1 = |name: &str| host::find("wasi_snapshot_preview1", name).is_some();
    let shows = |name: &str| DIRECTORIES.iter().any(|prefix| name.starts_with(prefix));
    let is_adapters = |export: &Export<'_>| {
        matches!(export.item, Item::Func(_))
            && (preview1(export.name) && !shows(export.name) || is_glue(export.name))
    };
    !(module.exports.iter().all(is_adapters) && module.exports.iter().any(|export| preview1(export.name)))
}

/// Whether an adapter exports this for the canonical ABI.
fn is_glue(name: &str) -> bool {
    name.starts_with("cabi_") || name.starts_with("wasi:cli/run@")
}
