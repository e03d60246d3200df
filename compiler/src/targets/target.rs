//! What is known about a target.

use std::fmt;

use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::CallConv;

use super::cpu::{Architecture, DebugRegisters, FreeExtensions};
use super::format::Format;

/// What a runtime-support archive is for.
pub use wasm_aot_runtimes::Kind as RuntimeKind;

/// A target: a row of `targets.toml`, which explains the fields.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// The triple that is passed to Cranelift.
    pub triple: &'static str,
    /// Other triples for the target.
    pub aliases: &'static [&'static str],
    pub(super) architecture: &'static Architecture,
    /// The address of the first linear memory, if the platform can guarantee one.
    pub memory_base: Option<u64>,
    pub format: Format,
    /// The calling convention of C functions, including those of the runtime.
    pub c_convention: CallConv,
    /// How C functions, including those of the runtime, expect 32-bit unsigned integers in 64-bit registers.
    pub c_integers: ArgumentExtension,
    /// Whether its programs can have a garbage-collected heap.
    pub collector: bool,
    /// Whether functions of a library's interface can leave their parameters in registers: see `codegen::thunk`.
    pub thunks: bool,
    /// How far it is known to work, as listed in README.
    pub status: &'static str,
}

/// Only the name is shown: the rest is the same for every build of the compiler, and the runtime is large.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Target {
    /// What debug information needs to know of registers.
    pub fn debug_registers(&self) -> &'static DebugRegisters {
        &self.architecture.debug
    }

    /// Which 32-bit values take no instruction to be zero-extended to an address.
    pub fn free_extensions(&self) -> FreeExtensions {
        self.architecture.free_extensions
    }

    /// The runtime-support archive of this kind, compressed, if this build of the compiler has it.
    pub fn runtime(&self, kind: RuntimeKind) -> Option<&'static [u8]> {
        wasm_aot_runtimes::archive(self.name, kind)
    }
}
