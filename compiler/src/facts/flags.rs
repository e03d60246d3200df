//! Whether the flags `may_leave` of component instances can be seen as 0. One is 0 while its instance allocates for others
//! and after it has been called, in `realloc` and `post-return`. If nothing that these can call looks at a flag (adapters and
//! functions of the runtime do), then whoever looks sees 1, and compiled code can do without them.

use cranelift_entity::EntitySet;
use wasmparser::WasmFeatures;

use super::reach::{Reach, Summaries};
use crate::program::{FuncId, FuncKind, GlobalId, Main, Program};

/// The flags that are always 1 when they are looked at.
pub fn idle(program: &Program<'_>, reach: &Reach, summaries: &Summaries<'_>) -> EntitySet<GlobalId> {
    let parts = &program.canonical;
    let reallocs = parts.options.values().filter_map(|options| options.realloc);
    let locked = parts.locked.iter().copied().chain(reallocs).chain(post_returns(program));
    let mut seen = EntitySet::<FuncId>::new();
    let mut pending: Vec<FuncId> = locked.collect();
    while let Some(func) = pending.pop() {
        if !reach.reachable.contains(func) || !seen.insert(func) {
            continue;
        }
        let FuncKind::Wasm(id, _) = program.funcs[func].kind else { return EntitySet::new() };
        let Some(summary) = summaries(func) else { return EntitySet::new() };
        // These call references, which may come from anywhere.
        let references = WasmFeatures::FUNCTION_REFERENCES.union(WasmFeatures::GC);
        if parts.adapters.contains(&id) || summary.features.intersects(references) {
            return EntitySet::new();
        }
        let instance = &program.instances[id];
        pending.extend(summary.calls.iter().map(|callee| instance.funcs[*callee]));
        for (table, _) in &summary.indirect_calls {
            let table = instance.tables[*table];
            if reach.tables[table].written {
                return EntitySet::new();
            }
            pending.extend(program.tables[table].functions());
        }
    }
    let mut flags = EntitySet::new();
    flags.extend(parts.components.values().map(|component| component.may_leave));
    flags
}

fn post_returns<'p, 'a>(program: &'p Program<'a>) -> impl Iterator<Item = FuncId> + use<'p, 'a> {
    let calls = match &program.main {
        Main::Command(_, calls) => &calls[..],
        _ => &[],
    };
    let invoked = program.invocation.iter().filter_map(|invocation| invocation.post_return);
    calls.iter().filter_map(|call| call.post_return).chain(invoked).map(|after| after.func)
}
