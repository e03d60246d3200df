//! Runs the program tests. Tests that share a module and its grants share one build; each group is
//! run under wasmtime once and then on every selected target, two groups at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::case::{Case, Stderr};
use super::fetch::Fetched;
use super::process::{self, Ending, Outcome};
use super::report::{Record, Verdict, difference};
use super::scratch::{self, Tree};
use super::targets::{Selected, Target};
use super::wasmtime::{Compilers, Wasmtime};

const RUN_LIMIT: Duration = Duration::from_secs(60);
const BUILD_LIMIT: Duration = Duration::from_secs(600);
const WORKERS: usize = 2;

/// What every test needs to know.
pub struct Suite {
    pub compiler: PathBuf,
    pub fetched: Fetched,
    pub targets: Vec<Selected>,
    /// More flags for `wasm-aot build`, to run all tests in another mode.
    pub flags: Vec<String>,
}

/// Tests that share one build for each target.
struct Group<'a> {
    module: &'a str,
    cases: Vec<&'a Case>,
    size: u64,
}

/// What a run gave: the outcome and what is in the working directory after it.
type Run = (Outcome, Tree);

impl Suite {
    /// Runs all tests, calling `done` as each ends; the records are in the order of the tests. Also says what compiled the
    /// modules for wasmtime.
    pub fn run(&self, cases: &[Case], done: impl Fn(&Record) + Sync) -> (Vec<Record>, Compilers) {
        let groups = self.groups(cases);
        // Without wasmtime there is no reference.
        let wasmtime = self.fetched.tool("wasmtime").and_then(Wasmtime::new);
        let next = AtomicUsize::new(0);
        let records = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.run_group(group, wasmtime.as_ref(), &|record| {
                            done(&record);
                            records.lock().expect("no worker panics").push(record);
                        });
                    }
                });
            }
        });
        let mut records = records.into_inner().expect("no worker panics");
        records.sort_by(|a, b| (a.target, &a.case).cmp(&(b.target, &b.case)));
        (records, wasmtime.map(|wasmtime| wasmtime.compilers()).unwrap_or_default())
    }

    /// The groups, the largest module first, since it takes longest.
    fn groups<'a>(&self, cases: &'a [Case]) -> Vec<Group<'a>> {
        let mut groups: BTreeMap<(&str, Vec<String>), Vec<&Case>> = BTreeMap::new();
        for case in cases {
            let linked = case.link.iter().map(|(name, module)| format!("{name}={module}")).collect();
            let grants = [case.grants(), case.bundles("--bundle"), case.flags.clone(), linked].concat();
            groups.entry((&case.module, grants)).or_default().push(case);
        }
        let mut groups: Vec<_> = groups
            .into_iter()
            .map(|((module, _), cases)| {
                let size = self.fetched.module(module).ok().and_then(|path| path.metadata().ok());
                Group { module, cases, size: size.map_or(0, |metadata| metadata.len()) }
            })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.size));
        groups
    }

    fn run_group(&self, group: &Group, wasmtime: Result<&Wasmtime, &anyhow::Error>, done: &dyn Fn(Record)) {
        let wasmtime = wasmtime.map_err(|error| anyhow::anyhow!("{error:#}"));
        let module = wasmtime.and_then(|wasmtime| Ok((wasmtime, self.fetched.module(group.module)?)));
        let references: Vec<Result<Option<Run>>> = match &module {
            Ok((wasmtime, _)) => group.cases.iter().map(|case| self.reference(case, wasmtime)).collect(),
            Err(_) => Vec::new(),
        };
        let module = module.map(|(_, module)| module);
        for selected in &self.targets {
            let mut wanted: Vec<usize> =
                (0..group.cases.len()).filter(|i| selected.all || group.cases[*i].quick).collect();
            wanted.retain(|i| {
                let case = group.cases[*i];
                let reason = case.left_out.get(selected.target.name);
                let left_out = reason.map(|reason| Verdict::LeftOut(reason.clone()));
                left_out.map(|verdict| done(Record::new(case, selected.target.name, verdict))).is_none()
            });
            if wanted.is_empty() {
                continue;
            }
            let target = selected.target;
            let all = |verdict: Verdict| {
                for i in &wanted {
                    done(Record::new(group.cases[*i], target.name, verdict.clone()));
                }
            };
            let (module, emulator) = match (&module, self.emulator(target)) {
                (Ok(module), Ok(emulator)) => (module, emulator),
                (Err(error), _) => {
                    all(Verdict::NotRun(format!("{error:#}")));
                    continue;
                }
                (_, Err(error)) => {
                    all(Verdict::NotRun(format!("{error:#}")));
                    continue;
                }
            };
            let directory = match tempfile::tempdir() {
                Ok(directory) => directory,
                Err(error) => {
                    all(Verdict::Failed(error.to_string()));
                    continue;
                }
            };
            let builder = Builder { suite: self, target, directory: directory.path() };
            let start = Instant::now();
            let program = match builder.build(group.cases[0], group.module, module) {
                Ok(program) => program,
                Err(error) => {
                    all(Verdict::Failed(format!("{error:#}")));
                    continue;
                }
            };
            let built = start.elapsed();
            for i in wanted {
                let case = group.cases[i];
                let mut record = Record::new(case, target.name, Verdict::Passed);
                record.build = Some(built);
                record.size = program.metadata().ok().map(|metadata| metadata.len());
                match &references[i] {
                    Ok(reference) => {
                        self.check(case, reference.as_ref(), &builder, emulator.as_deref(), &mut record)
                    }
                    Err(error) => record.verdict = Verdict::Failed(format!("{error:#}")),
                }
                done(record);
            }
        }
    }

    /// The emulator that runs a target's programs here, or none where they run as they are.
    fn emulator(&self, target: &Target) -> Result<Option<PathBuf>> {
        if target.is_host() { Ok(None) } else { self.fetched.tool(target.emulator).map(Some) }
    }

    /// Runs a case under wasmtime; none if it has no reference.
    fn reference(&self, case: &Case, wasmtime: &Wasmtime) -> Result<Option<Run>> {
        if !case.reference {
            return Ok(None);
        }
        let mut commands = Vec::new();
        for step in case.steps() {
            let name = if commands.is_empty() { case.reference_module.as_ref() } else { None };
            let name = name.unwrap_or(&step.module);
            let (mut command, compiled) = wasmtime.run(name, &self.fetched.module(name)?)?;
            command.arg("--argv0").arg(step.argument_zero()).args(case.grants()).args(case.bundles("--dir"));
            command.args(self.linked(case, "--preload")?).args(&case.reference_flags);
            command.arg(compiled).args(step.arguments()?);
            commands.push(command);
        }
        let run = self.run_in_scratch(commands, case, 3).context("under wasmtime")?;
        if run.0.ending != Ending::Code(case.exit) {
            let stderr = String::from_utf8_lossy(&run.0.stderr);
            anyhow::bail!("wasmtime itself ended with {}, not {}: {stderr}", run.0.ending, case.exit);
        }
        Ok(Some(run))
    }

    /// The modules that are linked to that of a case, after this option.
    fn linked(&self, case: &Case, option: &str) -> Result<Vec<String>> {
        let mut flags = Vec::new();
        for (name, module) in &case.link {
            let path = self.fetched.module(module)?;
            flags.extend([option.to_owned(), format!("{name}={}", path.display())]);
        }
        Ok(flags)
    }

    /// Runs commands one after another, until one fails; only the first gets the case's input.
    fn run_in_scratch(&self, commands: Vec<Command>, case: &Case, slowness: u32) -> Result<Run> {
        let scratch = scratch::prepare(case, &self.fetched.package(&case.module)?)?;
        let mut input = case.input()?;
        let mut whole: Option<Outcome> = None;
        for mut command in commands {
            command.current_dir(scratch.path());
            let input = std::mem::take(&mut input);
            let outcome = process::run(&mut command, input, RUN_LIMIT * slowness)?;
            let failed = outcome.ending != Ending::Code(0);
            match &mut whole {
                None => whole = Some(outcome),
                Some(whole) => whole.append(outcome),
            }
            if failed {
                break;
            }
        }
        Ok((whole.expect("a case has a first step"), scratch::read_back(scratch.path())?))
    }

    /// Runs the built programs and sets the record's verdict and times.
    fn check(
        &self,
        case: &Case,
        reference: Option<&Run>,
        builder: &Builder,
        emulator: Option<&Path>,
        record: &mut Record,
    ) {
        let target = builder.target;
        let result = (|| {
            let mut commands = Vec::new();
            for step in case.steps() {
                let program = builder.build(case, &step.module, &self.fetched.module(&step.module)?)?;
                let mut command = Command::new(emulator.unwrap_or(&program));
                if emulator.is_some() {
                    command.args(&target.emulator_arguments).arg(&program);
                }
                command.args(step.arguments()?);
                commands.push(command);
            }
            let slowness = if emulator.is_some() { target.slowness } else { 1 };
            let run = self.run_in_scratch(commands, case, slowness)?;
            record.run = Some(run.0.elapsed);
            let mut problems = compare(case, reference, &run);
            // Other modes may well make larger programs.
            let measured = target.is_host() && self.flags.is_empty();
            if let (Some(limit), true) = (case.max_stripped_size, measured) {
                let size = stripped_size(&builder.program(&case.module))?;
                record.stripped = Some(size);
                if size > limit {
                    problems.push(format!("{size} bytes stripped, over the limit of {limit}"));
                }
            }
            Ok::<_, anyhow::Error>(problems)
        })();
        record.reference = reference.map(|(outcome, _)| outcome.elapsed);
        record.verdict = match result {
            Ok(problems) if problems.is_empty() => Verdict::Passed,
            Ok(problems) => Verdict::Failed(problems.join("\n")),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        };
    }
}

/// Builds the programs of a group for one target.
struct Builder<'a> {
    suite: &'a Suite,
    target: &'a Target,
    directory: &'a Path,
}

impl Builder<'_> {
    /// Where the program made of a module is.
    fn program(&self, module: &str) -> PathBuf {
        self.directory.join(module)
    }

    /// Builds a module with the grants of a case, unless that was done for another one of the group.
    fn build(&self, case: &Case, name: &str, module: &Path) -> Result<PathBuf> {
        let program = self.program(name);
        if program.is_file() {
            return Ok(program);
        }
        let mut command = Command::new(&self.suite.compiler);
        command.arg("build").arg(module).arg("-o").arg(&program);
        command.args(["--target", self.target.name, "-q", "--arg0", &format!("{name}.wasm")]);
        command.args(case.grants()).args(case.bundles("--bundle")).args(&case.flags).args(&self.suite.flags);
        command.args(self.suite.linked(case, "--link")?);
        let outcome = process::run(&mut command, Vec::new(), BUILD_LIMIT)?;
        if outcome.ending != Ending::Code(0) {
            let said = String::from_utf8_lossy(&outcome.stderr);
            let said: Vec<&str> = said.lines().take(12).collect();
            anyhow::bail!("wasm-aot build ended with {}: {}", outcome.ending, said.join("\n"));
        }
        anyhow::ensure!(program.is_file(), "wasm-aot build succeeded but wrote nothing");
        Ok(program)
    }
}

/// Everything in which a run differs from what is expected.
fn compare(case: &Case, reference: Option<&Run>, (outcome, tree): &Run) -> Vec<String> {
    let mut problems = Vec::new();
    if outcome.ending != Ending::Code(case.exit) {
        problems.push(format!("ended with {}, not exit code {}", outcome.ending, case.exit));
    }
    for (stream, bytes, wanted) in
        [("stdout", &outcome.stdout, &case.stdout_has), ("stderr", &outcome.stderr, &case.stderr_has)]
    {
        let text = String::from_utf8_lossy(bytes);
        for wanted in wanted.iter().filter(|wanted| !text.contains(wanted.as_str())) {
            problems.push(format!("{stream} does not have {wanted:?}"));
        }
    }
    if let Some(wanted) = &case.stdout_is {
        problems.extend(difference("stdout", wanted.as_bytes(), &outcome.stdout));
    }
    if let Some((expected, expected_tree)) = reference {
        problems.extend(difference("stdout", &expected.stdout, &outcome.stdout));
        if case.stderr == Stderr::Compare {
            problems.extend(difference("stderr", &expected.stderr, &outcome.stderr));
        }
        for (path, left) in expected_tree {
            match (left, tree.get(path)) {
                (_, None) => problems.push(format!("did not leave {}: {left}", path.display())),
                (scratch::Left::File(a), Some(scratch::Left::File(b))) => {
                    problems.extend(difference(&path.display().to_string(), a, b));
                }
                (_, Some(other)) if left != other => {
                    problems.push(format!("{}: {other} where wasmtime left {left}", path.display()));
                }
                _ => {}
            }
        }
        for (path, left) in tree.iter().filter(|(path, _)| !expected_tree.contains_key(*path)) {
            problems.push(format!("left {}, {left}, and wasmtime did not", path.display()));
        }
    }
    // What the program said on stderr is the best hint where nothing else explains a failure.
    if !problems.is_empty() && case.stderr == Stderr::Compare {
        let text = String::from_utf8_lossy(&outcome.stderr);
        problems.extend(text.lines().take(8).map(|line| format!("  stderr: {line}")));
    }
    problems
}

/// The size of an executable of the host after binutils' `strip`.
pub fn stripped_size(program: &Path) -> Result<u64> {
    let directory = tempfile::tempdir()?;
    let copy = directory.path().join("stripped");
    let status =
        Command::new("strip").arg("-o").arg(&copy).arg(program).status().context("can't start strip")?;
    anyhow::ensure!(status.success(), "strip {} failed: {status}", program.display());
    Ok(copy.metadata()?.len())
}

/// More flags for every build, from `WASM_AOT_TEST_FLAGS`.
pub fn flags_from_environment() -> Vec<String> {
    std::env::var("WASM_AOT_TEST_FLAGS").unwrap_or_default().split_whitespace().map(str::to_string).collect()
}
