//! Types as diagnostics show them.

use wasmparser::{FuncType, GlobalType, MemoryType, TableType, ValType};

use crate::parse::{Item, Module};

/// A function type: `(i32, i64) -> (i32)`.
pub fn describe(ty: &FuncType) -> String {
    format!("({}) -> ({})", describe_list(ty.params()), describe_list(ty.results()))
}

/// A list of types. A module can refer to a list of a thousand types in two bytes, so only the first ones are shown.
pub fn describe_list(types: &[ValType]) -> String {
    const SHOWN: usize = 20;
    let mut words: Vec<String> = types.iter().take(SHOWN).map(ToString::to_string).collect();
    if let Some(more) = types.len().checked_sub(SHOWN).filter(|more| *more != 0) {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}

/// The type of an item of a module, with what kind of item it is.
pub fn describe_item(module: &Module<'_>, item: Item) -> String {
    match item {
        Item::Func(func) => format!("function {}", describe(module.function_type(func))),
        Item::Table(table) => describe_table(&module.tables[table].ty),
        Item::Memory(memory) => describe_memory(&module.memories[memory]),
        Item::Global(global) => describe_global(&module.globals[global].ty),
        Item::Tag(tag) => format!("tag of ({})", describe_list(module.signature(module.tags[tag]).params())),
    }
}

/// A table with its limits: `table of funcref 1..2`.
pub fn describe_table(ty: &TableType) -> String {
    let wide = if ty.table64 { "64-bit " } else { "" };
    format!("{wide}table of {} {}", ty.element_type, limits(ty.initial, ty.maximum))
}

/// A memory with its limits: `shared memory of 1..2 pages`.
pub fn describe_memory(ty: &MemoryType) -> String {
    let shared = if ty.shared { "shared " } else { "" };
    let wide = if ty.memory64 { "64-bit " } else { "" };
    let pages = match ty.page_size_log2 {
        None | Some(16) => "pages".to_owned(),
        Some(0) => "bytes".to_owned(),
        Some(log2) => format!("pages of {} bytes", 1_u64 << log2),
    };
    format!("{shared}{wide}memory of {} {pages}", limits(ty.initial, ty.maximum))
}

/// A global: `mutable global i32`.
pub fn describe_global(ty: &GlobalType) -> String {
    format!("{}global {}", if ty.mutable { "mutable " } else { "" }, ty.content_type)
}

fn limits(minimum: u64, maximum: Option<u64>) -> String {
    match maximum {
        Some(maximum) => format!("{minimum}..{maximum}"),
        None => format!("{minimum}.."),
    }
}
