//! Protection of what is only relocated: see `wasm_aot_abi::relro`.

use object::BinaryFormat;
use wasm_aot_abi::relro::Relro;
use wasm_aot_abi::shared::Store as _;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Procedure, Symbolic};
use crate::layout::{Layout, Symbol};

/// What an executable runs: `main`, once its tables are protected, if it has any that nothing writes. Others have no code
/// for that, since Wasm code calls through nothing that is only relocated.
pub fn add(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>, main: Procedure) -> Procedure {
    let is_executable = layout.program.library().is_none();
    let is_relocated_by_itself = encoder.object.format() == BinaryFormat::Elf;
    if !is_executable || !is_relocated_by_itself || !encoder.symbols().any(is_called_through) {
        return main;
    }
    encoder.define(symbols::RELRO, Relro::<Symbolic> { main });
    encoder.import(symbols::RELRO_MAIN)
}

/// Whether code finds the addresses of functions there, which nothing changes.
fn is_called_through(symbol: Symbol) -> bool {
    matches!(
        symbol,
        Symbol::TablePairs(_) | Symbol::TableCode(..) | Symbol::SparseElements(_) | Symbol::FuncRef(_)
    )
}
