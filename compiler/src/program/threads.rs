//! Programs that start threads (the proposal wasi-threads): each further thread is a new instance of the module, which
//! shares the imported memory and has its own globals, tables and dropped segments.

use wasmparser::ValType;

use super::entity::{FuncId, InstanceId};
use super::error::LinkError;
use super::host::{self, THREAD_SPAWN};
use super::model::{Entity, Program};
use crate::parse::{Item, MemoryIndex, Module};

/// The function that a module that starts threads exports for them to run.
const START: &str = "wasi_thread_start";

/// Whether the module imports the function that starts threads, with the right type.
pub fn starts_threads(module: &Module<'_>) -> bool {
    module.imports.iter().any(|import| {
        let Item::Func(func) = import.item else { return false };
        host::find(import.module, import.name) == Some(&THREAD_SPAWN)
            && host::has_type(&THREAD_SPAWN, module.function_type(func))
    })
}

/// Whether the host provides this memory, which the module imports: hosts of wasi-threads create every imported
/// shared memory, whatever its name is, even for a module that starts no threads.
pub fn provides_memory(module: &Module<'_>, memory: MemoryIndex) -> bool {
    module.memories[memory].shared
}

/// The function that further threads run, if the instance's module starts any.
///
/// # Errors
/// If the module doesn't export it.
pub fn start_function(
    program: &Program<'_>,
    instance: InstanceId,
) -> Result<Option<(InstanceId, FuncId)>, LinkError> {
    if !starts_threads(program.instances[instance].module) {
        return Ok(None);
    }
    if let Some(Entity::Func(func)) = program.instances[instance].export(START) {
        let ty = program.signature(program.funcs[func].signature);
        if ty.params() == [ValType::I32; 2] && ty.results().is_empty() {
            return Ok(Some((instance, func)));
        }
    }
    Err(LinkError::Threads(format!(
        "a module that starts threads must export `{START}`, a function (i32, i32) -> ()"
    )))
}
