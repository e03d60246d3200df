//! The positions and names of functions, for backtraces.

use anyhow::{Result, anyhow};
use wasm_aot_abi::layout::FunctionTable;
use wasm_aot_abi::shared::Store;

use super::encoder::{Encoder, PlacedFunction, Symbolic};

/// # Errors
/// If the names are larger than the offsets can express.
pub fn table(encoder: &mut Encoder<'_>, functions: &[PlacedFunction<'_>]) -> Result<FunctionTable<Symbolic>> {
    let starts: Vec<u32> = functions.iter().map(|function| function.start).collect();
    let mut offsets = Vec::with_capacity(functions.len() + 1);
    let mut names = Vec::new();
    for PlacedFunction { function, .. } in functions {
        offsets.push(offset(&names)?);
        names.extend_from_slice(function.name.as_bytes());
    }
    offsets.push(offset(&names)?);
    Ok(FunctionTable {
        starts: encoder.array(&starts),
        name_offsets: encoder.array(&offsets),
        names: encoder.array(&names),
        count: starts.len() as u64,
    })
}

/// The same table, for another structure that has it.
pub fn same(table: &FunctionTable<Symbolic>) -> FunctionTable<Symbolic> {
    let FunctionTable { starts, name_offsets, names, count } = *table;
    FunctionTable { starts, name_offsets, names, count }
}

/// The offset of the name after these.
fn offset(names: &[u8]) -> Result<u32> {
    u32::try_from(names.len()).map_err(|_| {
        anyhow!("the names of the functions take more than 4 GiB; `wasm-opt --strip-debug` removes them from the module")
    })
}
