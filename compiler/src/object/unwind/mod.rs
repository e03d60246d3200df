//! Unwind tables of Wasm code: how systems, debuggers and profilers get from a function to its caller, and what its
//! callee-saved registers were. On Windows every program has them (`windows`); on ELF, those with debug information do
//! (`table`, with the rules that `rules` and the files of the instruction sets derive from a function's code).

mod aarch64;
mod riscv64;
mod rules;
mod s390x;
mod table;
mod windows;
mod x86_64;

use object::write::SymbolId;
use wasm_aot_abi::exception::SavedRegister;

use crate::codegen::Prologue;
pub use table::add as add_frame_table;
pub use windows::add as add_windows_tables;

/// A function that gets an entry.
pub struct Function<'f> {
    pub symbol: SymbolId,
    pub code: &'f [u8],
    pub prologue: &'f Prologue,
    pub saved: &'f [SavedRegister],
    /// Whether its frame is the first on a stack, so that unwinding ends there.
    pub is_outermost: bool,
}

#[cfg(test)]
mod tests;

impl Function<'_> {
    /// Size of the code in bytes.
    pub fn bytes(&self) -> u32 {
        self.code.len() as u32
    }
}
