//! What a program that starts threads must not do.

use super::Facts;
use crate::parse::{Item, MemoryIndex};
use crate::program::{LinkError, Program, provides_memory};

/// Refuses state that each further thread would need a copy of, since none is made.
///
/// # Errors
/// Names it.
pub fn check(program: &Program<'_>, facts: &Facts) -> Result<(), LinkError> {
    let Some((instance, _)) = program.thread_start else { return Ok(()) };
    let module = program.instances[instance].module;
    let provided = |memory: MemoryIndex| provides_memory(module, memory);
    let imported =
        module.imports.iter().filter(|import| matches!(import.item, Item::Memory(index) if provided(index)));
    if facts.uses_gc() {
        let reason =
            "objects of the garbage-collected heap are not supported in a program that starts threads";
        return Err(LinkError::Threads(reason.to_owned()));
    }
    let reason = if imported.count() < module.memories.len() {
        "a memory that isn't both imported and shared"
    } else if program.tables.keys().any(|table| facts.table(table).written) {
        "a table that is written"
    } else {
        return Ok(());
    };
    Err(LinkError::Threads(format!("{reason} is not supported in a program that starts threads")))
}
