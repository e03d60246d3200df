//! What of the host a program uses: whether it can tell if it has directories, and which of the host's resources can exist
//! in it.

use wasm_aot_abi::host;
use wasm_aot_abi::wasi2::ResourceKind;

use super::reach::{Reach, Summaries};
use crate::parse::{Item, Module};
use crate::program::{FuncKind, Program, RuntimeFunc};

/// The facts about a program's use of the host.
pub struct HostFacts {
    /// Whether it uses directories at all.
    pub uses_directories: bool,
    /// The kinds of resources that functions which can be called give to components.
    made: Vec<ResourceKind>,
}

/// Preview 1's functions by which a program can tell what directories it has, by the beginnings of their names.
const DIRECTORIES: [&str; 3] = ["path_", "fd_prestat", "fd_readdir"];

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
        let made = ResourceKind::ALL.iter().copied().filter(|kind| makes(*kind)).collect();
        HostFacts { uses_directories, made }
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
            RuntimeFunc::Builtin(_) | RuntimeFunc::Wave(_) => false,
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
    reach.reachable.iter().any(|func| match program.funcs[func].kind {
        FuncKind::Host(host) => DIRECTORIES.iter().any(|prefix| host.name.starts_with(prefix)),
        FuncKind::Wasm(id, _) => {
            let instance = &program.instances[id];
            let calls = summaries(func).into_iter().flat_map(|summary| &summary.calls);
            let asks = |callee: &&crate::parse::FuncIndex| {
                let bound = program.bound(instance.funcs[**callee]);
                matches!(bound.map(|bound| bound.function), Some(RuntimeFunc::Host(PREOPENS, _)))
            };
            calls.into_iter().any(|callee| asks(&callee)) && shows_directories(instance.module)
        }
        // Called through a table.
        FuncKind::Bound(bound) => {
            let function = program.canonical.bound[bound].function;
            matches!(function, RuntimeFunc::Host(PREOPENS, _)) && reach.referenced.contains(func)
        }
        _ => false,
    })
}

/// Whether a module that asks for its directories can let the program know of them. The adapter that makes a component of a
/// preview 1 program always asks, but doesn't tell if the program can't ask: its exports are the functions that the program
/// imports.
fn shows_directories(module: &Module<'_>) -> bool {
    let functions = module.exports.iter().filter(|export| matches!(export.item, Item::Func(_)));
    let names: Vec<&str> = functions.map(|export| export.name).collect();
    let preview1 = |name: &str| host::find("wasi_snapshot_preview1", name).is_some();
    let is_adapter = names.iter().any(|name| preview1(name))
        && names.iter().filter(|name| !preview1(name)).all(|name| is_glue(name));
    !is_adapter || names.iter().any(|name| DIRECTORIES.iter().any(|prefix| name.starts_with(prefix)))
}

/// Whether an adapter exports this for the canonical ABI.
fn is_glue(name: &str) -> bool {
    name.starts_with("cabi_") || name.starts_with("wasi:cli/run@")
}
