//! The command line: turns flags into an immutable `BuildPlan`, prints messages, sets exit codes. It has no
//! compilation logic.

mod addr2line;
mod build;
#[cfg(target_os = "linux")]
mod cache;
mod debug;
mod debug_files;
mod debugger_script;
mod destinations;
mod generate;
mod help;
mod input;
mod inspect;
mod interrupt;
mod library;
mod link;
mod message;
mod options;
mod policy;
mod preinit;
mod progress;
mod run;
mod runtime;
mod targets;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Compiles WebAssembly ahead of time to small, self-contained native executables.
#[derive(Parser)]
#[command(name = "wasm-aot", version, max_term_width = 100, after_help = help::TOP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compile a module or a component to a native executable.
    Build(Box<build::Build>),
    /// Compile a module or a component, or take it from the cache, and run it.
    Run(Box<run::Run>),
    #[cfg(target_os = "linux")]
    /// Show where the cache of `run` is and how large it is, or empty it.
    Cache(cache::CacheCommand),
    /// Write the runtime as a static library, to link objects with that `build --emit obj` has made.
    Runtime(runtime::Runtime),
    /// List the targets and whether each can be built now.
    Targets,
    /// Show what a module or a component imports, exports and uses, and whether a build would succeed; or the policy in an
    /// executable; or where the bytes of any of these come from.
    Inspect(inspect::Inspect),
    /// Translate addresses in an executable, and offsets in its Wasm module, to functions and lines.
    #[command(name = "addr2line")]
    Addr2line(addr2line::Addr2line),
    /// Print a script that teaches a debugger about pointers in linear memories: see docs/debugging.md.
    DebuggerScript(debugger_script::DebuggerScript),
    /// Print a completion script for a shell.
    Completions(generate::Completions),
    /// Write the manual pages.
    #[command(hide = true)]
    Manual(generate::Manual),
}

/// Runs the command line. Exit codes: 0, 1 for a failure, 2 for wrong usage.
pub fn main() -> ExitCode {
    let line = command_line(std::env::args_os());
    let cli = Cli::try_parse_from(line).unwrap_or_else(|error| message::escape_quoted(error).exit());
    let result = match cli.command {
        Command::Build(build) => interrupt::end_cleanly().and_then(|()| build.execute()),
        Command::Run(run) => run.execute(),
        #[cfg(target_os = "linux")]
        Command::Cache(cache) => cache.execute(),
        Command::Runtime(runtime) => runtime.execute(),
        Command::Targets => targets::execute(),
        Command::Inspect(inspect) => inspect.execute(),
        Command::Addr2line(addr2line) => addr2line.execute(),
        Command::DebuggerScript(script) => script.execute(),
        Command::Completions(completions) => completions.execute(Cli::command()),
        Command::Manual(manual) => manual.execute(Cli::command()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            message::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The arguments of the process, except that a program called `wasm-aot-run` acts as `wasm-aot run`, for places that
/// accept only the path of a program, such as `binfmt_misc`.
fn command_line(mut arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut line: Vec<OsString> = arguments.next().into_iter().collect();
    if line.first().is_some_and(|name| Path::new(name).file_stem().is_some_and(|stem| stem == "wasm-aot-run"))
    {
        line.push("run".into());
    }
    line.extend(arguments);
    line
}
