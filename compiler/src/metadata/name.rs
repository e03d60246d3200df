//! The positions and names of functions, for backtraces.

use anyhow::{Result, anyhow};
use wasm_aot_abi::layout::FunctionTable;
use wasm_aot_abi::shared::Store;

use super::encoder::{Encoder, Symbolic};

/// A table of names: from which offset in the code on, and which, ascending.
///
/// # Errors
/// If the names are larger than the offsets can express.
pub fn table<'n>(
    encoder: &mut Encoder<'_>,
    rows: impl Iterator<Item = (u32, &'n str)>,
) -> Result<FunctionTable<Symbolic>> {
    let (mut starts, mut offsets, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (start, name) in rows {
        starts.push(start);
        offsets.push(offset(&names)?);
        names.extend_from_slice(name.as_bytes());
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
