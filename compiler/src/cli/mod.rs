//! The command line: flags to an immutable `BuildPlan`, messages, exit codes. No compilation logic.

mod build;
mod cache;
mod generate;
mod inspect;
mod options;
mod policy;
mod run;
mod targets;

use std::ffi::OsString;
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
    /// Show where the cache of `run` is and how large, or empty it.
    Cache(cache::CacheCommand),
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
    let cli = Cli::parse_from(command_line(std::env::args_os()));
    let interruptible = crate::output::exit_cleanly_on_interrupt;
    let result = match cli.command {
        Command::Build(build) => interruptible().and_then(|()| build.execute()),
        Command::Run(run) => run.execute(),
        Command::Cache(cache) => cache.execute(),
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

/// The arguments as they are; but what is called `wasm-aot-run` is `wasm-aot run`, for places that take the path of one
/// program and no more, such as `binfmt_misc`.
fn command_line(mut arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut line: Vec<OsString> = arguments.next().into_iter().collect();
    if line.first().is_some_and(|name| Path::new(name).file_stem().is_some_and(|stem| stem == "wasm-aot-run"))
    {
        line.push("run".into());
    }
    line.extend(arguments);
    line
}

/// Reads a module in the binary or the text format.
fn read_module(path: &Path) -> Result<Vec<u8>> {
    to_binary(path, read_input(path)?)
}

/// Reads a module as it is.
fn read_input(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("can't read {}", path.display()))
}

/// May a module with this name be in the text format?
fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wat")
}

/// A module in the binary format, from either.
fn to_binary(path: &Path, module: Vec<u8>) -> Result<Vec<u8>> {
    if module.starts_with(b"\0asm") || !is_text(path) {
        return Ok(module);
    }
    let text = String::from_utf8(module).with_context(|| format!("can't read {}", path.display()))?;
    Ok(wat::parse_str(&text).map_err(|mut error| {
        error.set_path(path);
        error
    })?)
}
