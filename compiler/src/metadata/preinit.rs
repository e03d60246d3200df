//! What a program has whose state becomes that of another one: see `wasm_aot_abi::preinit`.

use std::path::Path;

use wasm_aot_abi::layout::Words;
use wasm_aot_abi::preinit::{Function, NumberedTable, Preinit};
use wasm_aot_abi::shared::Store as _;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Procedure, Symbolic};
use crate::layout::{Layout, Symbol};

/// Describes the state to the runtime, which writes it to a file once `main` has returned; returns the function that does
/// so.
pub fn add(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>, main: Procedure, file: &Path) -> Procedure {
    let referenced = encoder.symbols().filter_map(|symbol| match symbol {
        Symbol::FuncRef(func) => Some(func),
        _ => None,
    });
    let functions: Vec<Function<Symbolic>> = referenced
        .map(|func| Function {
            number: func.as_u32().into(),
            reference: encoder.pointer(Symbol::FuncRef(func)),
        })
        .collect();
    let written = layout.program.tables.keys().filter(|table| layout.facts.table(*table).written);
    let tables: Vec<NumberedTable<Symbolic>> = written
        .map(|table| NumberedTable::<Symbolic> {
            number: table.as_u32().into(),
            table: encoder.pointer(Symbol::Table(table)),
        })
        .filter(|numbered| numbered.table.address.is_some())
        .collect();
    let words = |encoder: &Encoder<'_>, symbol: Symbol, count: usize| {
        let start = encoder.pointer::<u64>(symbol);
        Words::<Symbolic> { start, count: if start.address.is_some() { count as u64 } else { 0 } }
    };
    let info = Preinit::<Symbolic> {
        main,
        path: encoder.array(&[file.as_os_str().as_encoded_bytes(), b"\0"].concat()),
        globals: words(encoder, Symbol::Globals, layout.globals_bytes() as usize / 8),
        lengths: words(encoder, Symbol::SegmentLengths, layout.segments.lengths.len()),
        function_count: functions.len() as u64,
        functions: encoder.array(&functions),
        table_count: tables.len() as u64,
        tables: encoder.array(&tables),
    };
    encoder.define(symbols::PREINIT, info);
    encoder.import(symbols::PREINIT_MAIN)
}
