//! `wasm-aot runtime`: writes the runtime for those who link objects themselves.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::help;
use crate::link::{merge, unpack};
use crate::output;
use crate::targets::{RuntimeKind, Target};

/// What the library and its only member are called.
const NAME: &str = "wasm_aot_runtime";

#[derive(Args)]
#[command(after_help = help::RUNTIME)]
pub struct Runtime {
    /// Target, by short name or triple; by default this machine.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Where to write the library; by default `libwasm_aot_runtime.a`, or `wasm_aot_runtime.lib` for Windows, in the
    /// working directory. `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Runtime {
    pub fn execute(self) -> Result<()> {
        let target = match &self.target {
            Some(name) => Target::find(name)?,
            None => Target::host()?,
        };
        let output = self.output.unwrap_or_else(|| target.format.static_library().around(NAME).into());
        output::check(&output, [])?;
        let runtime = target
            .runtime(RuntimeKind::Libraries)
            .with_context(|| format!("this build of wasm-aot has no runtime for {}", target.name))?;
        let object = merge::runtime(target, &unpack(runtime)?)?;
        let library = merge::archive(target, &format!("{NAME}.o"), &object)?;
        output::write(&output, &library, false)
    }
}
