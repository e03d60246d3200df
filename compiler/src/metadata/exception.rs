//! How exception handlers are found, and where references of exceptions are kept besides the stack:
//! `wasm_aot_abi::exception`.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use wasm_aot_abi::exception::{CallSite, ClauseEntry, ExceptionTables, SavedRegister};
use wasm_aot_abi::layout::Words;
use wasm_aot_abi::shared::{Pointer, Store};

use super::encoder::{Encoder, PlacedFunction, Reference, Symbolic};
use crate::layout::{Layout, Symbol};
use crate::program::is_exception_reference;

/// # Errors
/// If there are more clauses than the table of call sites can express.
pub fn tables(
    encoder: &mut Encoder<'_>,
    layout: &Layout<'_, '_>,
    functions: &[PlacedFunction<'_>],
) -> Result<ExceptionTables<Symbolic>> {
    let mut sites = Vec::new();
    let mut clauses = Vec::new();
    for PlacedFunction { start, function } in functions {
        for site in &function.call_sites {
            sites.push(CallSite {
                return_offset: start + site.return_offset,
                frame_bytes: site.frame_bytes,
                first_clause: clause_number(&clauses)?,
            });
            clauses.extend(
                site.clauses.iter().map(|(clause, landing)| ClauseEntry {
                    clause: *clause,
                    landing_offset: start + landing,
                }),
            );
        }
    }
    let call_site_count = sites.len() as u64;
    // Marks the end of the last call site's clauses.
    sites.push(CallSite { return_offset: u32::MAX, frame_bytes: 0, first_clause: clause_number(&clauses)? });
    let call_sites = encoder.array(&sites);
    let saved_registers = match call_site_count {
        0 => Pointer::NULL,
        _ => encoder.array(&saved_registers(functions)),
    };
    let clauses = encoder.array(&clauses);
    let roots = roots(encoder, layout);
    Ok(ExceptionTables {
        call_sites,
        clauses,
        call_site_count,
        saved_registers,
        roots: encoder.array(&roots),
        root_count: roots.len() as u64,
    })
}

/// The number of the clause after these.
fn clause_number(clauses: &[ClauseEntry]) -> Result<u32> {
    u32::try_from(clauses.len())
        .map_err(|_| anyhow!("the calls that may throw have more than 4 billion handlers together"))
}

/// The table of saved registers, see `wasm_aot_abi::exception`.
fn saved_registers(functions: &[PlacedFunction<'_>]) -> Vec<u32> {
    let mut table = vec![0; functions.len()];
    let mut lists: HashMap<&[SavedRegister], u32> = HashMap::new();
    for (index, PlacedFunction { function, .. }) in functions.iter().enumerate() {
        let saved = function.saved_registers.as_slice();
        table[index] = *lists.entry(saved).or_insert_with(|| {
            let list = table.len() as u32;
            table.push(saved.len() as u32);
            table.extend(saved.iter().map(|register| register.encode()));
            list
        });
    }
    table
}

/// Where the data of a symbol is: by itself, or, in a library, in the state of its only instance.
fn place<T>(encoder: &Encoder<'_>, layout: &Layout<'_, '_>, symbol: Symbol) -> Reference<T> {
    match layout.state_offset(symbol) {
        Some(offset) => encoder.pointer_into(Symbol::State, offset),
        None => encoder.pointer(symbol),
    }
}

/// The tables of the program that hold references of exceptions, and its globals if some of them can.
fn roots(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>) -> Vec<Reference<Words<Symbolic>>> {
    let program = layout.program;
    let tables =
        program.tables.iter().filter(|(_, plan)| is_exception_reference(plan.ty.element_type.into()));
    let mut roots: Vec<Reference<Words<Symbolic>>> = tables
        .map(|(table, _)| place(encoder, layout, Symbol::Table(table)))
        .filter(|table| table.address.is_some())
        .collect();
    let globals = place(encoder, layout, Symbol::Globals);
    let held = program.globals.iter().any(|(global, plan)| {
        !layout.facts.global(global).is_constant() && is_exception_reference(plan.ty.content_type)
    });
    if held && globals.address.is_some() {
        roots.push(encoder.one(Words { start: globals, count: layout.globals_bytes() as u64 / 8 }));
    }
    roots
}
