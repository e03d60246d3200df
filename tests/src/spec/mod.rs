//! The specification's test suite, as native code.
//!
//! All modules of a `.wast` file become one program, whose script does what the file says: it
//! instantiates, invokes, goes on after traps, and prints what came of each step. Nothing here
//! depends on the target: only how the program is started does.

pub mod bounds;
mod compare;
mod script;

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wasm_aot::build::{self, BuildPlan};

pub use compare::Outcome;
pub use script::Script;

/// Counts of one file.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    /// Assertions that hold, by where they are decided: by the compiler or by the program.
    pub passed: usize,
    pub failed: usize,
}

/// What came of a file.
pub struct FileReport {
    pub name: String,
    pub counts: Counts,
    /// Line and reason of each failure.
    pub failures: Vec<String>,
}

/// Runs a file: compiles, links, runs, compares. `runner` starts the program: nothing, or an
/// emulator.
pub fn run_file(name: &str, text: &str, plan: &BuildPlan, runner: &[String], scratch: &Path) -> FileReport {
    let mut report = FileReport { name: name.to_owned(), counts: Counts::default(), failures: Vec::new() };
    if let Err(error) = run(name, text, plan, runner, scratch, &mut report) {
        report.counts.failed += 1;
        report.failures.push(format!("{name}: {error:#}"));
    }
    report
}

fn run(
    name: &str,
    text: &str,
    plan: &BuildPlan,
    runner: &[String],
    scratch: &Path,
    report: &mut FileReport,
) -> Result<()> {
    let mut lexer = wast::lexer::Lexer::new(text);
    // The suite has names with confusing characters on purpose.
    lexer.allow_confusing_unicode(true);
    let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer)?;
    let script = Script::read(&buffer, text, plan, report)?;
    let executable = scratch.join(format!("{}.exe", name.replace('/', "-")));
    let program = script.builder.finish(wasm_aot::program::Entry::Script(script.commands), None);
    build::with_threads(plan, || build::write_program(&program, &executable, plan, &mut Default::default()))?;
    let mut command = match runner.split_first() {
        Some((emulator, arguments)) => {
            let mut command = Command::new(emulator);
            command.args(arguments).arg(&executable);
            command
        }
        None => Command::new(&executable),
    };
    let output = run_new(&mut command).with_context(|| format!("can't run {}", executable.display()))?;
    let stdout = String::from_utf8(output.stdout)?;
    let mut lines = stdout.lines();
    for expectation in &script.expectations {
        let Some(line) = lines.next() else {
            bail!(
                "line {}: the program ended early ({}): {}",
                expectation.line,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        };
        match expectation.check(line) {
            Ok(counted) => report.counts.passed += usize::from(counted),
            Err(reason) => {
                report.counts.failed += 1;
                report.failures.push(format!("{name}:{}: {reason}", expectation.line));
            }
        }
    }
    if !output.status.success() {
        bail!("the program ended with {}", output.status);
    }
    std::fs::remove_file(&executable)?;
    Ok(())
}

/// Runs a program that was just written. A child that another thread starts at that moment has the file
/// open for writing until it calls exec; so a busy file is tried again.
fn run_new(command: &mut Command) -> std::io::Result<Output> {
    for _ in 0..100 {
        match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
    command.output()
}
