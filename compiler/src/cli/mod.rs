//! The command line: flags to an immutable `BuildPlan`, messages, exit codes. No compilation logic.

mod build;
mod generate;
mod inspect;
mod options;
mod policy;
mod run;
mod targets;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Compiles WebAssembly ahead of time to small, self-contained native executables.
#[derive(Parser)]
#[command(name = "wasm-aot", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compile a module to a native executable.
    Build(build::Build),
    /// Compile a module, or take it from the cache, and run it.
    Run(run::Run),
    /// List the targets and whether each can be built now.
    Targets,
    /// Show what a module imports, exports and uses, and what would stop a build; or the policy that is in an
    /// executable.
    Inspect(inspect::Inspect),
    /// Print what a shell needs to complete the command line.
    Completions(generate::Completions),
    /// Write the manual's pages.
    #[command(hide = true)]
    Manual(generate::Manual),
}

/// Runs the command line. Exit codes: 0, 1 for a failure, 2 for wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let interruptible = crate::output::exit_cleanly_on_interrupt;
    let result = match cli.command {
        Command::Build(build) => interruptible().and_then(|()| build.execute()),
        Command::Run(run) => interruptible().and_then(|()| run.execute()),
        Command::Targets => targets::execute(),
        Command::Inspect(inspect) => inspect.execute(),
        Command::Completions(completions) => completions.execute(),
        Command::Manual(manual) => manual.execute(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Shows what isn't an error, but perhaps not what the user expects.
fn warn(text: &str) {
    eprintln!("warning: {text}");
}

/// Reads a module in the binary or the text format.
fn read_module(path: &Path) -> Result<Vec<u8>> {
    let context = || format!("can't read {}", path.display());
    let bytes = std::fs::read(path).with_context(context)?;
    if bytes.starts_with(b"\0asm") || path.extension().is_none_or(|extension| extension != "wat") {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes).with_context(context)?;
    Ok(wat::parse_str(&text).map_err(|mut error| {
        error.set_path(path);
        error
    })?)
}
