//! A `.wast` file of components, run as native code: each assertion is a program of its own.
//!
//! So each assertion finds a component that has just been instantiated. What traps can't be called again anyway.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use wasm_aot_abi::trap::TRAP_EXIT_CODE;
use wast::component::WastVal;
use wast::core::{NanPattern, WastArgCore, WastRetCore};
use wast::parser::{self, ParseBuffer};
use wast::{Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

use super::wave;
use crate::programs::process::{self, Ending, Outcome};
use crate::programs::targets::Target;

const BUILD_LIMIT: Duration = Duration::from_secs(60);
const RUN_LIMIT: Duration = Duration::from_secs(10);

/// What builds and runs programs.
pub struct Toolchain<'a> {
    pub compiler: &'a Path,
    pub target: &'a Target,
    /// More flags for `wasm-aot build`.
    pub flags: &'a [&'a str],
}

/// What must become of a component.
enum Expected<'a> {
    /// The call gives this, in WAVE; `()` if it has no result.
    Returns(String),
    /// The call traps, with these words in the report.
    Traps(&'a str),
    /// The component is refused, with these words.
    Refused(&'a str),
}

/// Runs a file's assertions, in an empty directory.
///
/// # Errors
/// Names the lines of all that failed.
pub fn run(text: &str, toolchain: &Toolchain<'_>, scratch: &Path) -> Result<()> {
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let script = parser::parse::<Wast<'_>>(&buffer)?;
    let (component, invalid) = (scratch.join("component.wasm"), scratch.join("invalid.wasm"));
    let (mut count, mut failures) = (0, Vec::new());
    for mut directive in script.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        let (component, call, expected) = match &mut directive {
            WastDirective::Module(wat) | WastDirective::ModuleDefinition(wat) => {
                std::fs::write(&component, wat.encode()?)?;
                continue;
            }
            // Of the last definition: each assertion is about an instance of its own.
            WastDirective::ModuleInstance { .. } => continue,
            WastDirective::AssertReturn { exec: WastExecute::Invoke(invoke), results, .. } => {
                let result = results.first().map_or_else(|| Ok("()".to_owned()), result)?;
                (&component, Some(call(invoke)?), Expected::Returns(result))
            }
            WastDirective::AssertTrap { exec: WastExecute::Invoke(invoke), message, .. } => {
                (&component, Some(call(invoke)?), Expected::Traps(message))
            }
            WastDirective::AssertInvalid { module, message, .. } => {
                std::fs::write(&invalid, module.encode()?)?;
                (&invalid, None, Expected::Refused(message))
            }
            _ => bail!("line {line}: a directive that no file of components may have"),
        };
        count += 1;
        if let Err(error) = check(component, call.as_deref(), &expected, toolchain, scratch) {
            failures.push(format!("line {line}: {}: {error:#}", call.unwrap_or_default()));
        }
    }
    ensure!(count > 0, "it asserts nothing");
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

fn call(invoke: &WastInvoke<'_>) -> Result<String> {
    let mut arguments = Vec::new();
    for argument in &invoke.args {
        // The grammar takes floats for core values.
        arguments.push(match argument {
            WastArg::Component(value) => wave::value(value),
            WastArg::Core(WastArgCore::F32(number)) => wave::value(&WastVal::F32(*number)),
            WastArg::Core(WastArgCore::F64(number)) => wave::value(&WastVal::F64(*number)),
            _ => bail!("a core value for a component"),
        });
    }
    Ok(format!("{}({})", invoke.name, arguments.join(", ")))
}

fn result(result: &WastRet<'_>) -> Result<String> {
    match result {
        WastRet::Component(value) => Ok(wave::value(value)),
        WastRet::Core(WastRetCore::F32(NanPattern::Value(number))) => Ok(wave::value(&WastVal::F32(*number))),
        WastRet::Core(WastRetCore::F64(NanPattern::Value(number))) => Ok(wave::value(&WastVal::F64(*number))),
        _ => bail!("a core value from a component"),
    }
}

fn check(
    component: &Path,
    call: Option<&str>,
    expected: &Expected<'_>,
    toolchain: &Toolchain<'_>,
    scratch: &Path,
) -> Result<()> {
    let program = scratch.join("program");
    let mut build = Command::new(toolchain.compiler);
    build.args(["build", "-q", "--target", toolchain.target.name]).args(toolchain.flags);
    build.arg(component).arg("-o").arg(&program);
    build.args(call.map(|call| format!("--invoke={call}")));
    let built = process::run(&mut build, Vec::new(), BUILD_LIMIT)?;
    let said = said(&built);
    if let Expected::Refused(words) = expected {
        ensure!(built.ending == Ending::Code(1), "building ended with {}: {said}", built.ending);
        ensure!(said.contains(words), "it is refused with: {said}");
        return Ok(());
    }
    ensure!(built.ending == Ending::Code(0), "building ended with {}: {said}", built.ending);
    let mut command = match &toolchain.target.runner()[..] {
        [] => Command::new(&program),
        [emulator, arguments @ ..] => {
            let mut command = Command::new(emulator);
            command.args(arguments).arg(&program);
            command
        }
    };
    let slowness = if toolchain.target.is_host() { 1 } else { toolchain.target.slowness };
    let run = process::run(&mut command, Vec::new(), RUN_LIMIT * slowness).context("the program")?;
    let said = self::said(&run);
    match expected {
        Expected::Returns(value) => {
            ensure!(run.ending == Ending::Code(0), "ended with {}: {said}", run.ending);
            let printed = wave::without_numbers(&String::from_utf8_lossy(&run.stdout));
            let printed = printed.strip_suffix('\n').unwrap_or(&printed);
            ensure!(printed == wave::without_numbers(value), "expected {value}, not {printed}");
        }
        Expected::Traps(words) => {
            ensure!(run.ending == Ending::Code(TRAP_EXIT_CODE), "ended with {}: {said}", run.ending);
            ensure!(said.contains(words), "expected the trap `{words}`, not: {said}");
        }
        Expected::Refused(_) => unreachable!("it was not built"),
    }
    Ok(())
}

/// What a process said on standard error.
fn said(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.stderr).trim().to_owned()
}
