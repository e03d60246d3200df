//! Libraries: what the runtime must know to make instances.

use wasm_aot_abi::library::{self as abi, LibraryInfo, TablePlace};
use wasm_aot_abi::shared::Store;

use super::encoder::{Encoder, Symbolic};
use crate::layout::{Layout, StateLayout, Symbol};
use crate::program::{FuncKind, Library, TableId};

/// Describes the library to the runtime. `stack_bytes`: of stack, that the code of a call may use.
pub fn add(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>, library: &Library, stack_bytes: u64) {
    let program = layout.program;
    let state = layout.state.as_ref().expect("a library has a layout of its state");
    let offset = |symbol| state.offset(symbol).expect("every memory is in the state") as u64;
    let memories: Vec<u64> = program.memories.keys().map(|memory| offset(Symbol::Memory(memory))).collect();
    let tables: Vec<TablePlace> = program.tables.keys().filter_map(|table| place(state, table)).collect();
    let uses_wasi =
        layout.facts.reachable().any(|func| matches!(program.funcs[func].kind, FuncKind::Host(_)));
    let info = LibraryInfo::<Symbolic> {
        instantiate: encoder.code(Symbol::Main),
        state: encoder.pointer(Symbol::State),
        state_bytes: state.bytes,
        template: encoder.pointer(Symbol::StateTemplate),
        template_bytes: state.template_bytes,
        memories: encoder.array(&memories),
        memory_count: memories.len() as u64,
        host_memory: program.host_memory.map_or(0, |memory| offset(Symbol::Memory(memory))),
        tables: encoder.array(&tables),
        table_count: tables.len() as u64,
        stack_bytes,
        wasi: encoder.import_if(uses_wasi, abi::WASI),
    };
    debug_assert!(library.many == info.state.address.is_none());
    encoder.define(abi::LIBRARY, info);
}

/// Where a table is in the state, if it is there.
fn place(state: &StateLayout, table: TableId) -> Option<TablePlace> {
    let descriptor = state.offset(Symbol::Table(table))? as u64;
    Some(TablePlace { descriptor, elements: state.elements(table)? as u64 })
}
