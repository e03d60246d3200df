//! What `inspect` shows of a module.

use std::fmt::Write as _;

use anyhow::Result;
use wasmparser::WasmFeatures;

use super::outcome::outcome;
use crate::driver::{self, BuildPlan};
use crate::escape::escape;
use crate::modules::{Linked, Modules};
use crate::parse::{self, Item, Module};
use crate::program::describe_item;
use crate::targets::Target;

/// What the module contains, and whether a build would succeed.
pub fn describe(text: &mut String, bytes: &[u8], linked: &[Linked]) -> Result<()> {
    let modules = match Modules::parse(bytes, linked, parse::features::SUPPORTED) {
        Ok(modules) => modules,
        Err(error) => {
            writeln!(text, "\nbuild: would fail: {error:#}")?;
            return Ok(());
        }
    };
    contents(text, &modules.main)?;
    for (name, module) in &modules.linked {
        writeln!(text, "\nlinked as {}: {} bytes", escape(name), module.bytes.len())?;
        contents(text, module)?;
    }
    let plan = BuildPlan { linked: linked.to_vec(), ..BuildPlan::new(Target::host()?) };
    let built = driver::program(&modules, &plan).and_then(|(program, warnings)| {
        Ok((driver::facts(&program)?.compiled_functions(&program).len(), warnings))
    });
    let (reachable, warnings) = match built {
        Ok((reachable, warnings)) => (Ok(reachable), warnings),
        Err(error) => (Err(error), Vec::new()),
    };
    outcome(text, reachable, modules.all().map(|module| module.defined.len()).sum())?;
    for warning in warnings {
        writeln!(text, "warning: {warning}")?;
    }
    Ok(())
}

fn contents(text: &mut String, module: &Module<'_>) -> Result<()> {
    writeln!(text, "features: {}", features([module].into_iter()))?;
    if let Some(Ok(dylink)) = &module.dylink {
        let space = &dylink.space;
        let needed: Vec<_> = dylink.needed.iter().map(|name| escape(name)).collect();
        let needs = if needed.is_empty() { String::new() } else { format!(", needs {}", needed.join(", ")) };
        writeln!(
            text,
            "dynamic linking: {} bytes of memory, {} elements of the table{needs}",
            space.memory_size, space.table_size
        )?;
    }
    writeln!(text, "\nimports: {}", module.imports.len())?;
    for import in &module.imports {
        let from = import.module_name();
        let (from, name) = (escape(&from), escape(import.name));
        writeln!(text, "  {from}.{name}: {}", describe_item(module, import.item))?;
    }
    writeln!(text, "exports: {}", module.exports.len())?;
    for export in &module.exports {
        writeln!(text, "  {}: {}", escape(export.name), describe_item(module, export.item))?;
    }
    let segments = (module.data.len(), module.data.values().map(|data| data.bytes.len()).sum::<usize>());
    writeln!(
        text,
        "functions: {} defined, {} imported, {} named",
        module.defined.len(),
        module.imported_functions,
        module.function_names.len()
    )?;
    writeln!(text, "memories: {}", module.memories.len())?;
    for memory in module.memories.keys() {
        writeln!(text, "  {}", describe_item(module, Item::Memory(memory)))?;
    }
    writeln!(text, "tables: {}, element segments: {}", module.tables.len(), module.elements.len())?;
    writeln!(text, "globals: {}", module.globals.len())?;
    writeln!(text, "data segments: {} with {} bytes", segments.0, segments.1)?;
    Ok(())
}

/// The names of the features that modules use, as text.
pub fn features<'m, 'a: 'm>(modules: impl Iterator<Item = &'m Module<'a>> + Clone) -> String {
    let names = feature_names(modules);
    if names.is_empty() { "WebAssembly 1.0".to_owned() } else { names.join(", ") }
}

/// The names of the features that modules use.
pub fn feature_names<'m, 'a: 'm>(modules: impl Iterator<Item = &'m Module<'a>> + Clone) -> Vec<String> {
    let used = modules.clone().map(parse::used::features);
    let mut names = parse::features::names(used.fold(WasmFeatures::empty(), WasmFeatures::union));
    if modules.clone().any(|module| !module.branch_hints.is_empty()) {
        names.push("branch-hints".to_owned());
    }
    names
}
