//! The specification's test suite, as native code.
//!
//! All modules of a `.wast` file become one program, whose script does what the file says: it instantiates,
//! invokes, continues after traps, and prints the result of each step. Nothing here depends on the target:
//! only how the program is started does.

pub mod bounds;
mod compare;
mod counts;
mod large;
mod script;
pub mod suites;
pub mod table;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wasm_aot::driver::{self, BuildPlan};
use wasm_aot::facts::Facts;
use wasm_aot::program::{self, Program};
use wast::Wast;
use wast::lexer::Lexer;
use wast::parser::ParseBuffer;

pub use compare::Outcome;
pub use counts::{Counts, Kind, Tally};
pub use script::Script;
use suites::File;

use crate::programs::process::{self, Ending};

/// The results of a file.
pub struct FileReport {
    pub name: String,
    /// Directives in the file; `counts` has a verdict on each.
    pub directives: usize,
    /// Those of them that the target's programs don't support.
    beyond_target: usize,
    pub counts: Counts,
    /// Line and reason of each failure.
    pub failures: Vec<String>,
    /// Line and reason of each directive that asks for what isn't supported. In the suites none does.
    pub unsupported: Vec<String>,
}

impl FileReport {
    /// The report of a file in which nothing has been done yet.
    pub fn new(file: &File) -> FileReport {
        FileReport {
            name: file.name.clone(),
            directives: 0,
            beyond_target: 0,
            counts: Counts::default(),
            failures: Vec::new(),
            unsupported: Vec::new(),
        }
    }

    /// The reasons of all directives that the suites must not contain.
    pub fn problems(&self) -> impl Iterator<Item = &String> {
        self.failures.iter().chain(&self.unsupported)
    }

    /// Asserts that every directive has a verdict, and that every directive listed as skipped exists.
    fn check_counts(&mut self, file: &File) {
        let Tally { passed, failed, skipped } = self.counts.all();
        if passed + failed + skipped != self.directives {
            self.failures
                .push(format!("{}: {} directives, but {:?}", self.name, self.directives, self.counts));
        }
        let listed = file.skipped.map_or(0, |skipped| skipped.lines.len());
        let listed = listed + self.beyond_target + self.unsupported.len();
        if skipped != listed {
            self.failures
                .push(format!("{}: {listed} directives to skip, but there are {skipped}", self.name));
        }
    }

    fn skip_unsupported(&mut self, kind: Kind, line: usize, reason: &str) {
        self.counts.skip(kind);
        self.unsupported.push(format!("{}:{line}: {reason}", self.name));
    }

    fn fail(&mut self, kind: Kind, line: usize, reason: &str) {
        self.counts.fail(kind);
        self.failures.push(format!("{}:{line}: {reason}", self.name));
    }
}

/// Runs a file: compiles, links, runs, compares. `runner` starts the program: nothing, or an
/// emulator.
pub fn run_file(file: &File, plan: &BuildPlan, runner: &[String], scratch: &Path) -> FileReport {
    let mut report = FileReport::new(file);
    if let Err(error) = run(file, plan, runner, scratch, &mut report) {
        report.failures.push(format!("{}: {error:#}", file.name));
    }
    report.check_counts(file);
    report
}

/// The report of a file of which nothing is carried out.
pub fn skip_file(file: &File) -> FileReport {
    let mut report = FileReport::new(file);
    match ParseBuffer::new_with_lexer(lexer(file.text)).as_ref().map(wast::parser::parse::<Wast<'_>>) {
        Ok(Ok(wast)) => {
            report.directives = wast.directives.len();
            wast.directives.iter().for_each(|directive| report.counts.skip(script::kind(directive)));
        }
        // Then it is one thing that can't be told apart.
        Ok(Err(_)) | Err(_) => {
            report.directives = 1;
            report.counts.skip("(file)");
        }
    }
    report
}

fn lexer(text: &str) -> Lexer<'_> {
    let mut lexer = Lexer::new(text);
    // The suite has names with confusing characters on purpose.
    lexer.allow_confusing_unicode(true);
    lexer
}

/// An error is of the file as a whole; then there are failures in the report, too, one for each directive that
/// could not be decided.
fn run(
    file: &File,
    plan: &BuildPlan,
    runner: &[String],
    scratch: &Path,
    report: &mut FileReport,
) -> Result<()> {
    let buffer = ParseBuffer::new_with_lexer(lexer(file.text))?;
    let script = Script::read(&buffer, file, plan, report)?;
    let executable = scratch.join(format!("{}.exe", report.name.replace('/', "-")));
    let Script { builder, commands, expectations, .. } = script;
    let program = builder.finish(program::Main::Script(commands), None)?;
    if Facts::of(&program).uses_gc() && !plan.target.collector {
        report.beyond_target = expectations.len();
        expectations.iter().for_each(|expectation| report.counts.skip(expectation.kind));
        return Ok(());
    }
    let output = build_and_run(&program, plan, runner, &executable, file.limit);
    let stdout = output.as_ref().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let stdout = stdout.unwrap_or_default();
    let mut lines = stdout.lines();
    for expectation in &expectations {
        let checked = match lines.next() {
            Some(line) => expectation.check(line),
            None => Err("the program did not come to this".to_owned()),
        };
        match checked {
            Ok(()) => report.counts.pass(expectation.kind),
            Err(reason) => report.fail(expectation.kind, expectation.line, &reason),
        }
    }
    let output = output?;
    if output.ending != Ending::Code(0) {
        bail!("the program ended with {}: {}", output.ending, String::from_utf8_lossy(&output.stderr));
    }
    std::fs::remove_file(&executable)?;
    Ok(())
}

fn build_and_run(
    program: &Program<'_>,
    plan: &BuildPlan,
    runner: &[String],
    executable: &Path,
    limit: Duration,
) -> Result<process::Outcome> {
    driver::with_threads(plan, || driver::write_program(program, executable, plan, &mut Default::default()))?;
    let mut command = match runner.split_first() {
        Some((emulator, arguments)) => {
            let mut command = Command::new(emulator);
            command.args(arguments).arg(executable);
            command
        }
        None => Command::new(executable),
    };
    run_new(&mut command, limit).with_context(|| format!("can't run {}", executable.display()))
}

/// Runs a program that was just written. A child that another thread starts at that moment has the file
/// open for writing until it calls exec; so a busy file is tried again.
fn run_new(command: &mut Command, limit: Duration) -> Result<process::Outcome> {
    let busy = |error: &anyhow::Error| {
        let error = error.downcast_ref::<std::io::Error>();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::ExecutableFileBusy)
    };
    for _ in 0..100 {
        match process::run(command, Vec::new(), limit) {
            Err(error) if busy(&error) => std::thread::sleep(Duration::from_millis(10)),
            result => return result,
        }
    }
    process::run(command, Vec::new(), limit)
}
