//! `wasm-aot inspect`: what a module is made of, and what would stop a build.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::build::{self, BuildPlan};
use crate::parse::{self, Item, Module};
use crate::target::Target;

#[derive(Args)]
pub struct Inspect {
    /// The module, in the binary or (as `.wat`) the text format.
    input: PathBuf,
}

impl Inspect {
    pub fn execute(self) -> Result<()> {
        let wasm = super::read_module(&self.input)?;
        let mut text = String::new();
        writeln!(text, "{}: {} bytes", self.input.display(), wasm.len())?;
        let module = match parse::parse(&wasm, parse::features::SUPPORTED) {
            Ok(module) => module,
            Err(error) => {
                writeln!(text, "\nbuild: would fail: {error:#}")?;
                return crate::output::print(&text);
            }
        };
        describe(&mut text, &module)?;
        let plan = BuildPlan::new(Target::host()?);
        match build::program(&module, &plan) {
            Ok(program) => {
                let reachable = program.compiled_functions().len();
                writeln!(text, "\nreachable functions: {reachable} of {}", module.defined.len())?;
                writeln!(text, "build: nothing stands against it")?;
            }
            Err(error) => writeln!(text, "\nbuild: would fail: {error:#}")?,
        }
        crate::output::print(&text)
    }
}

fn describe(text: &mut String, module: &Module<'_>) -> Result<()> {
    writeln!(text, "features: {}", features(module))?;
    writeln!(text, "\nimports: {}", module.imports.len())?;
    for import in &module.imports {
        writeln!(text, "  {}.{}: {}", import.module, import.name, item_type(module, import.item))?;
    }
    writeln!(text, "exports: {}", module.exports.len())?;
    for export in &module.exports {
        writeln!(text, "  {}: {}", export.name, item_type(module, export.item))?;
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
    writeln!(text, "tables: {}, element segments: {}", module.tables.len(), module.elements.len())?;
    writeln!(text, "globals: {}", module.globals.len())?;
    writeln!(text, "data segments: {} with {} bytes", segments.0, segments.1)?;
    Ok(())
}

fn item_type(module: &Module<'_>, item: Item) -> String {
    let limits = |minimum: u64, maximum: Option<u64>| match maximum {
        Some(maximum) => format!("{minimum}..{maximum}"),
        None => format!("{minimum}.."),
    };
    match item {
        Item::Func(func) => format!("function {}", crate::program::describe(module.function_type(func))),
        Item::Table(table) => {
            let ty = &module.tables[table].ty;
            format!("table of {} {}", ty.element_type, limits(ty.initial, ty.maximum))
        }
        Item::Memory(memory) => {
            let ty = &module.memories[memory];
            format!("memory of {} pages", limits(ty.initial, ty.maximum))
        }
        Item::Global(global) => {
            let ty = &module.globals[global].ty;
            format!("{}global {}", if ty.mutable { "mutable " } else { "" }, ty.content_type)
        }
    }
}

/// Features beyond WebAssembly 1.0 that can be told from the module's structure.
fn features(module: &Module<'_>) -> String {
    let mut features = Vec::new();
    if module.types.values().any(|ty| ty.results().len() > 1) {
        features.push("multi-value");
    }
    if module.tables.len() > 1 || module.tables.values().any(|table| !table.ty.element_type.is_func_ref()) {
        features.push("reference-types");
    }
    let imported_or_exported =
        module.imports.iter().map(|i| i.item).chain(module.exports.iter().map(|e| e.item));
    let mut globals = imported_or_exported.filter_map(|item| match item {
        Item::Global(global) => Some(module.globals[global].ty.mutable),
        _ => None,
    });
    if globals.any(|mutable| mutable) {
        features.push("mutable-global");
    }
    let summaries = || module.defined.values().map(|defined| &defined.summary);
    if summaries().any(|summary| summary.bulk_memory) {
        features.push("bulk-memory");
    }
    if summaries().any(|summary| summary.sign_extension) {
        features.push("sign-extension");
    }
    if summaries().any(|summary| summary.saturating_float_to_int) {
        features.push("saturating-float-to-int");
    }
    if !module.branch_hints.is_empty() {
        features.push("branch-hints");
    }
    if features.is_empty() { "WebAssembly 1.0".to_owned() } else { features.join(", ") }
}
