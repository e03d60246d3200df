//! The targets: a row of data for each, in `targets.toml`. Nothing outside this folder and the runtime's `sys` asks
//! which target it is.

mod cpu;
mod format;
mod isa;
mod table;

use std::fmt;

use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::CallConv;
use target_lexicon::Triple;

use crate::error::{Error, ErrorKind, Result};
use crate::escape::escape;
use cpu::Architecture;
pub use format::{Elf, Format};
pub use isa::{Checks, Isa, OptLevel};
pub use table::TARGETS;

/// A target: a row of `targets.toml`, which says what the fields are for.
pub struct Target {
    /// Name for the command line.
    pub name: &'static str,
    /// Triple that Cranelift gets.
    pub triple: &'static str,
    /// Other triples by which people know the target.
    pub aliases: &'static [&'static str],
    architecture: &'static Architecture,
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
    /// The target with this name or triple.
    ///
    /// # Errors
    /// Lists the known ones.
    pub fn find(name: &str) -> Result<&'static Target> {
        let known =
            |target: &&Target| target.name == name || target.triple == name || target.aliases.contains(&name);
        TARGETS.iter().find(known).ok_or_else(|| {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            let message = format!("unknown target `{}`", escape(name));
            Error::new(ErrorKind::Target, message)
                .advise("; ", format!("known targets: {}", names.join(", ")))
        })
    }

    /// The target of the machine that the compiler runs on.
    ///
    /// # Errors
    /// If there is none for it.
    pub fn host() -> Result<&'static Target> {
        let host = Triple::host();
        let system = if host.operating_system.is_like_darwin() {
            "macos".into()
        } else {
            host.operating_system.into_str()
        };
        let context = "this machine is no target; choose one with --target";
        Self::find(&format!("{}-{system}", host.architecture))
            .map_err(|error| Error::classify(anyhow::Error::from(error).context(context), ErrorKind::Target))
    }

    /// The runtime-support archive, compressed, if this build of the compiler has it.
    pub fn runtime(&self) -> Option<&'static [u8]> {
        wasm_aot_runtimes::archive(self.name)
    }
}
