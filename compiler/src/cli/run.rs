//! `wasm-aot run`: builds the program, unless it is in the cache, and runs it.

#[cfg(target_os = "linux")]
mod cached;
#[cfg(not(target_os = "linux"))]
mod uncached;

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, bail};
use clap::{Args, ValueHint};
use wasm_aot_abi::policy::{TRACE_GC, TRACE_WASI, USER_TRACE};

use super::help;
use super::options::CompileOptions;
use crate::escape::escape;
use crate::targets::Target;

#[derive(Args)]
#[command(override_usage = "wasm-aot run [OPTIONS] <INPUT> [ARGS]...", after_help = help::RUN)]
pub struct Run {
    /// Neither look up the program in the cache nor add it.
    #[arg(long)]
    no_cache: bool,
    /// Print what is done with the cache.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    compile: CompileOptions,
    /// The module or component, in the binary or (as `.wat`) the text format; `-` is standard input. Whatever follows it is
    /// passed to the program as arguments; a `--` between them is dropped.
    #[arg(
        required = true,
        num_args = 1..,
        trailing_var_arg = true,
        value_names = ["INPUT", "ARGS"],
        value_hint = ValueHint::CommandWithArguments,
    )]
    input: Vec<OsString>,
}

impl Run {
    pub fn execute(self) -> Result<()> {
        let (input, arguments) = split(&self.input)?;
        let mut plan = self.compile.plan(Target::host()?)?;
        plan.policy.trace |= wants_trace()?;
        self.become_program(input, arguments, plan)
    }
}

/// The module, and the arguments of the program.
fn split(words: &[OsString]) -> Result<(&Path, &[OsString])> {
    let Some((input, arguments)) = words.split_first() else { bail!("there is no module to run") };
    let arguments = match arguments.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest,
        _ => arguments,
    };
    Ok((Path::new(input), arguments))
}

/// Whether the environment asks for tracing.
fn wants_trace() -> Result<bool> {
    match std::env::var_os(USER_TRACE) {
        Some(value) if !value.is_empty() => {
            let known = |item: &[u8]| item == TRACE_WASI || item == TRACE_GC;
            if !value.as_encoded_bytes().split(|byte| *byte == b',').all(known) {
                bail!(
                    "{USER_TRACE} takes `wasi`, `gc` or `wasi,gc`, not `{}`",
                    escape(&value.to_string_lossy())
                );
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}
