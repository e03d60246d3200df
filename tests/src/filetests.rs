//! Filetests: each is one `.wat` file below `tests/filetests`, which holds the program, how to
//! treat it and what must come out.
//!
//! ```text
//! ;;! emit = "asm"            directives: a TOML document, see `Directives`
//! ;;! function = "sum"
//! ;; What the test shows.
//! (module ...)
//!
//! ;; the expected output, blessed by `make bless`
//! ```
//!
//! `clif` and `asm` tests show generated code. `run` tests build for the chosen targets, run the program
//! in every configuration (see `configurations`) and show what it printed; the exit code is a
//! directive, so that blessing can't change it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{PoisonError, RwLock};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use wasm_aot::driver::{self, BuildPlan, Emit};
use wasm_aot::optimise::Passes;
use wasm_aot::targets::{OptLevel, Target};

use crate::harness;
use crate::programs::targets::Selected;

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Clif,
    Asm,
    Run,
}

/// Shared while a program is written, exclusive while one is started: a child that is started in
/// between would inherit the open file, and a file that is open for writing can't be run.
static STARTING: RwLock<()> = RwLock::new(());

/// The environment variables that programs see: emulators need them.
const ENVIRONMENT: [&str; 4] = ["PATH", "HOME", "XDG_CACHE_HOME", "WASM_AOT_WINEPREFIX"];

/// How a test is built and run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Directives {
    pub emit: Kind,
    /// By default this machine's. For `clif` and `asm` only: the code is not run.
    target: Option<String>,
    cpu: Option<String>,
    /// `-O`; `run` tests without it run with 2 and with 0.
    opt: Option<u8>,
    /// `-C`, each.
    #[serde(default)]
    passes: Vec<String>,
    /// `--memory-guard`; `run` tests without it run with both.
    memory_guard: Option<String>,
    /// Show only these functions, by name; a name may end in `*`.
    #[serde(default)]
    function: Functions,
    #[serde(default)]
    trap_unknown_imports: bool,
    #[serde(default)]
    relaxed_simd_deterministic: bool,
    /// In KiB.
    stack_size: Option<u64>,
    fuel: Option<u64>,
    /// Arguments, standard input and exit code of the program.
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    exit: i32,
    /// Targets for which a `run` test makes no sense, with the reason.
    #[serde(default)]
    left_out: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Functions {
    #[default]
    All,
    One(String),
    Several(Vec<String>),
}

impl Functions {
    fn contains(&self, name: &str) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        };
        match self {
            Functions::All => true,
            Functions::One(pattern) => matches(pattern),
            Functions::Several(patterns) => patterns.iter().any(matches),
        }
    }
}

/// A test file, taken apart.
pub struct FileTest {
    path: PathBuf,
    /// Everything but the expected output; ends with one line feed.
    source: String,
    /// Expected output, without the comment signs.
    expected: String,
    pub directives: Directives,
}

/// A way of building and running a `run` test.
struct Configuration {
    name: String,
    plan: BuildPlan,
    runner: Vec<String>,
}

impl FileTest {
    pub fn read(path: &Path) -> Result<FileTest> {
        let text = std::fs::read_to_string(path)?;
        let header: Vec<&str> = text.lines().map_while(|line| line.strip_prefix(";;!")).collect();
        ensure!(!header.is_empty(), "no `;;!` directives at the top");
        let directives = toml::from_str(&header.join("\n")).context("in the directives")?;
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let is_expectation = |line: &&&str| line.starts_with(";;") && !line.starts_with(";;!");
        let count = lines.iter().rev().take_while(is_expectation).count();
        let (source, expected) = lines.split_at(lines.len() - count);
        let expected: Vec<&str> =
            expected.iter().map(|line| line[2..].strip_prefix(' ').unwrap_or(&line[2..])).collect();
        Ok(FileTest {
            path: path.to_owned(),
            source: format!("{}\n", source.join("\n").trim_end()),
            expected: expected.join("\n"),
            directives,
        })
    }

    /// The chosen targets on which the test isn't run, with the reason.
    pub fn left_out(&self, targets: &[Selected]) -> Vec<(&'static str, &str)> {
        let names = targets.iter().filter(|selected| selected.all).map(|selected| selected.target.name);
        names.filter_map(|name| Some((name, self.directives.left_out.get(name)?.as_str()))).collect()
    }

    /// Runs the test; with `bless`, makes what came out the expected output.
    ///
    /// # Errors
    /// Shows how the output differs.
    pub fn run(&self, bless: bool, targets: &[Selected], scratch: &Path) -> Result<()> {
        let wasm = wat::parse_str(&self.source).map_err(|mut error| {
            error.set_path(&self.path);
            error
        })?;
        let output = match self.directives.emit {
            Kind::Run => match self.run_everywhere(&wasm, targets, scratch)? {
                Some(output) => output,
                None => return Ok(()),
            },
            kind => self.generated_code(&wasm, kind, scratch)?,
        };
        if output == self.expected {
            return Ok(());
        }
        if !bless {
            bail!(
                "the output differs from the file's end (`make bless` accepts it):\n{}",
                diff(&self.expected, &output)
            );
        }
        let mut text = self.source.clone();
        if !output.is_empty() {
            text.push('\n');
        }
        for line in output.lines() {
            text.push_str(format!(";; {line}").trim_end());
            text.push('\n');
        }
        std::fs::write(&self.path, text).with_context(|| format!("can't write {}", self.path.display()))
    }

    fn plan(&self, target: &str, opt: u8, memory_guard: &str) -> Result<BuildPlan> {
        let mut plan = BuildPlan::new(Target::find(target)?);
        plan.threads = 1;
        plan.cpu.clone_from(&self.directives.cpu);
        plan.opt_level = match opt {
            0 => OptLevel::O0,
            1 => OptLevel::O1,
            2 => OptLevel::O2,
            _ => bail!("opt is 0, 1 or 2"),
        };
        plan.memory_guard = match memory_guard {
            "region" => true,
            "none" => false,
            _ => bail!("memory-guard is `region` or `none`"),
        };
        for switch in &self.directives.passes {
            ensure!(Passes::SWITCHES.contains(&switch.as_str()), "no pass is switched by `{switch}`");
            plan.passes.switch(switch);
        }
        plan.trap_unknown_imports = self.directives.trap_unknown_imports;
        plan.relaxed_simd_deterministic = self.directives.relaxed_simd_deterministic;
        if let Some(kib) = self.directives.stack_size {
            plan.policy.limits.stack = kib << 10;
        }
        plan.policy.limits.fuel = self.directives.fuel;
        plan.checks = harness::checks();
        Ok(plan)
    }

    fn generated_code(&self, wasm: &[u8], kind: Kind, scratch: &Path) -> Result<String> {
        let directives = &self.directives;
        let target = match &directives.target {
            Some(target) => target,
            None => Target::host()?.name,
        };
        let guard = directives.memory_guard.as_deref().unwrap_or("region");
        let mut plan = self.plan(target, directives.opt.unwrap_or(2), guard)?;
        plan.emit = if kind == Kind::Clif { Emit::Clif } else { Emit::Assembly };
        let listing = scratch.join("listing");
        driver::build(wasm, &listing, &plan)?;
        let listing = std::fs::read_to_string(&listing)?;
        let functions: Vec<String> = listing
            .trim_end()
            .split("\n\n")
            .fold(Vec::new(), |functions, part| join_blocks(functions, part, kind))
            .iter()
            .filter(|function| directives.function.contains(title(function)))
            .map(|function| tidy(function))
            .collect();
        ensure!(!functions.is_empty(), "no function of the listing is to be shown");
        Ok(functions.join("\n\n"))
    }

    fn configurations(&self, targets: &[Selected]) -> Result<Vec<Configuration>> {
        let directives = &self.directives;
        ensure!(directives.target.is_none(), "a `run` test takes no target");
        let levels = directives.opt.map_or(vec![2, 0], |level| vec![level]);
        let guards = directives.memory_guard.as_deref().map_or(vec!["region", "none"], |guard| vec![guard]);
        let mut configurations = Vec::new();
        for machine in targets.iter().filter(|selected| selected.all).map(|selected| selected.target) {
            let target = machine.name;
            if directives.left_out.contains_key(target) {
                continue;
            }
            for &level in &levels {
                for &guard in &guards {
                    configurations.push(Configuration {
                        name: format!("{target} -O {level} --memory-guard={guard}"),
                        plan: self.plan(target, level, guard)?,
                        runner: machine.runner(),
                    });
                }
            }
        }
        Ok(configurations)
    }

    /// What the program prints, which must be the same in every configuration; none if it isn't run at all.
    fn run_everywhere(&self, wasm: &[u8], targets: &[Selected], scratch: &Path) -> Result<Option<String>> {
        let mut first: Option<(String, String)> = None;
        for Configuration { name, plan, runner } in self.configurations(targets)? {
            let program = scratch.join("program");
            let built = {
                let _writing = STARTING.read().unwrap_or_else(PoisonError::into_inner);
                driver::build(wasm, &program, &plan).map_err(anyhow::Error::from)
            };
            let output = built
                .and_then(|_| self.execute(&program, &runner))
                .with_context(|| format!("with {name}"))?;
            match &first {
                None => first = Some((name, output)),
                Some((_, expected)) if *expected == output => {}
                Some((other, expected)) => {
                    bail!("with {name} the output is not that of {other}:\n{}", diff(expected, &output))
                }
            }
        }
        Ok(first.map(|(_, output)| output))
    }

    fn execute(&self, program: &Path, runner: &[String]) -> Result<String> {
        // Programs that hang are ended with exit code 124.
        let mut command = Command::new("timeout");
        command.arg("60").args(runner).arg(program).args(&self.directives.args);
        command.env_clear();
        command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let starting = STARTING.write().unwrap_or_else(PoisonError::into_inner);
        let mut child = command.spawn().context("can't start `timeout`")?;
        drop(starting);
        // A program that reads nothing may be gone already.
        _ = child.stdin.take().expect("piped").write_all(self.directives.stdin.as_bytes());
        let output = child.wait_with_output()?;
        let mut text = String::new();
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                text.push_str(&format!("{name}:\n"));
                let lines = String::from_utf8_lossy(bytes).replace('\0', "\\0");
                // Blanks at the end of a line wouldn't survive an editor.
                lines.lines().for_each(|line| {
                    text.push_str(format!("  {}", without_count(line)).trim_end());
                    text.push('\n');
                });
            }
        }
        let code = output.status.code().ok_or_else(|| anyhow!("it ended with {}\n{text}", output.status))?;
        if code != self.directives.exit {
            bail!("the exit code is {code}, not {}\n{text}", self.directives.exit);
        }
        Ok(text.trim_end().to_owned())
    }
}

/// How many frames a stack has depends on the configuration.
fn without_count(line: &str) -> &str {
    if line.starts_with("  ... and ") && line.ends_with(" more") { "  ... and more" } else { line }
}

/// Puts the blocks of a CLIF function, which empty lines part, together again.
fn join_blocks(mut functions: Vec<String>, part: &str, kind: Kind) -> Vec<String> {
    match functions.last_mut() {
        Some(last) if kind == Kind::Clif && !part.starts_with(";; ") => {
            last.push_str("\n\n");
            last.push_str(part);
        }
        _ => functions.push(part.to_owned()),
    }
    functions
}

/// The name of a function in a listing.
fn title(function: &str) -> &str {
    let line = function.lines().next().unwrap_or_default();
    line.strip_prefix(";; ").unwrap_or(line).trim_end_matches(':')
}

/// Leaves out the Wasm offsets, which change with every edit of a test.
fn tidy(function: &str) -> String {
    let lines = function.lines().map(|line| {
        let code = match line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((_, code)) => code.trim_start(),
            None if line.starts_with("    ") => line.trim_start(),
            None => return line.trim_end().to_owned(),
        };
        let indent = if code.starts_with("block") { "" } else { "    " };
        format!("{indent}{code}")
    });
    let lines: Vec<String> = lines.collect();
    lines.join("\n")
}

/// A line-by-line difference: common lines at both ends are left out but for a few.
pub fn diff(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let start = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let rest = expected.len().min(found.len()) - start;
    let end = expected.iter().rev().zip(found.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    let mut add =
        |sign: &str, lines: &[&str]| lines.iter().for_each(|line| text.push_str(&format!("{sign} {line}\n")));
    add(" ", &expected[start.saturating_sub(3)..start]);
    add("-", &expected[start..expected.len() - end]);
    add("+", &found[start..found.len() - end]);
    add(" ", &expected[expected.len() - end..(expected.len() - end + 3).min(expected.len())]);
    text
}

/// The test files below a directory, sorted.
pub fn find(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        std::fs::read_dir(directory).with_context(|| format!("can't read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(find(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "wat") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
