//! What is known of a target.

use std::fmt;

use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::CallConv;

use super::cpu::Architecture;
use super::format::Format;

/// A target: a row of `targets.toml`, which says what the fields are for.
pub struct Target {
    /// Name for the command line.
    pub name: &'static str,
    /// Triple that Cranelift gets.
    pub triple: &'static str,
    /// Other triples by which people know the target.
    pub aliases: &'static [&'static str],
    pub(super) architecture: &'static Architecture,
    /// Address of the first linear memory, if the platform can promise one.
    pub memory_base: Option<u64>,
    pub format: Format,
    /// The convention of C functions, those of the runtime.
    pub c_convention: CallConv,
    /// How C functions, those of the runtime, expect 32-bit unsigned integers in 64-bit registers.
    pub c_integers: ArgumentExtension,
    /// Whether its programs can have a garbage-collected heap.
    pub collector: bool,
    /// How far it is known to work, as README has it.
    pub status: &'static str,
}

/// Its name stands for it: the rest is the same wherever the compiler is, and the runtime is large.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Target {
    /// The runtime-support archive, compressed, if this build of the compiler has it.
    pub fn runtime(&self) -> Option<&'static [u8]> {
        wasm_aot_runtimes::archive(self.name)
    }
}
