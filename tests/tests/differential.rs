//! The differential test: modules of wasm-smith, as native code and under wasmtime, must do the
//! same. `cargo test --release -p wasm-aot-tests --test differential [-- SEED...]`. The seed of a module with garbage
//! collection is written `gc-NUMBER`, that of one with loops over memories `loops-NUMBER`.
//!
//! ```text
//! WASM_AOT_DIFFERENTIAL_MODULES     how many modules; 1000 by default
//! WASM_AOT_DIFFERENTIAL_GC_MODULES  how many more with garbage collection; 300 by default
//! WASM_AOT_DIFFERENTIAL_LOOPS       how many more with loops over memories; 1000 by default
//! WASM_AOT_DIFFERENTIAL_FIRST       the first seed of all; 0 by default
//! WASM_AOT_DIFFERENTIAL_KEEP        where to keep the files of a failure, by default target/differential; modules whose
//!                                   seeds are given stay anyway
//! CI=true                           without wasmtime the test fails
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wasm_aot::driver::{self, BuildPlan};
use wasm_aot::metadata::HeapOptions;
use wasm_aot::parse::{self, features, used};
use wasm_aot::program::{Builder, Main};
use wasm_aot::targets::{OptLevel, Target};
use wasm_aot_tests::fuzz::compare::{Agreement, compare};
use wasm_aot_tests::fuzz::generate::{self, Kind};
use wasm_aot_tests::fuzz::oracle::{self, Oracle};
use wasm_aot_tests::fuzz::script;
use wasm_aot_tests::harness;
use wasm_aot_tests::programs::case::repository;
use wasm_aot_tests::programs::process::{self, Ending};

/// Programs run for milliseconds: fuel sees to that. Under stress a deep stack takes a long time.
const LIMIT: Duration = Duration::from_secs(600);

/// Size of the garbage-collected heap, as under wasmtime.
const HEAP: u64 = 256 << 20;

/// Passes that aren't the default.
const INLINE: &str = "-C inline -C devirtualise";

fn inline(plan: &mut BuildPlan) {
    (plan.passes.inline, plan.passes.devirtualise) = (true, true);
}

/// The ways of building: a name, what it changes, and n if one of n modules is built that way.
type Configuration = (&'static str, fn(&mut BuildPlan), u64);
const PLAIN: [Configuration; 5] = [
    ("default", |_| {}, 1),
    ("-C checked", |plan| plan.passes.checked = true, 4),
    ("--memory-guard=none", |plan| plan.memory_guard = false, 4),
    ("-O 0", |plan| plan.opt_level = OptLevel::O0, 4),
    (INLINE, inline, 4),
];
const LOOPS: [Configuration; 3] = [
    ("default", |_| {}, 2),
    ("-C checked", |plan| plan.passes.checked = true, 1),
    ("--memory-guard=none", |plan| plan.memory_guard = false, 16),
];
const COLLECTED: [Configuration; 5] = [
    ("default", |_| {}, 1),
    ("--memory-guard=none", |plan| plan.memory_guard = false, 16),
    ("-O 0", |plan| plan.opt_level = OptLevel::O0, 8),
    (INLINE, inline, 4),
    ("--gc-stress --gc-verify", |plan| plan.heap = HeapOptions { stress: true, verify: true }, 3),
];

/// What the seeds of a kind begin with.
const PREFIXES: [(Kind, &str); 2] = [(Kind::Collected, "gc-"), (Kind::Loops, "loops-")];

/// A seed of a kind of modules.
#[derive(Clone, Copy)]
struct Seed(Kind, u64);

impl fmt::Display for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}{}",
            PREFIXES.iter().find(|(kind, _)| *kind == self.0).map_or("", |row| row.1),
            self.1
        )
    }
}

impl FromStr for Seed {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Seed, ParseIntError> {
        for (kind, prefix) in PREFIXES {
            if let Some(number) = text.strip_prefix(prefix) {
                return Ok(Seed(kind, number.parse()?));
            }
        }
        Ok(Seed(Kind::Plain, text.parse()?))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("differential: test");
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<Seed> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    match run(chosen) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The results of all modules.
#[derive(Default)]
struct Total {
    modules: usize,
    programs: usize,
    /// How many programs were built in each way.
    configurations: BTreeMap<&'static str, usize>,
    agreed: Agreement,
    not_instantiated: usize,
    inconclusive: usize,
    exhausted: usize,
    heap_exhausted: usize,
    failures: Vec<String>,
    /// How many modules use a feature.
    features: BTreeMap<String, usize>,
}

fn run(chosen: Vec<Seed>) -> Result<bool> {
    let start = Instant::now();
    let keep_all = !chosen.is_empty();
    let seeds = if chosen.is_empty() { all_seeds()? } else { chosen };
    let Some(version) = oracle::prepare()? else {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        println!("\n{} modules were not compared: there is no wasmtime to compare with", seeds.len());
        let (verdict, failed, ignored) = if ci { ("FAILED", seeds.len(), 0) } else { ("ok", 0, seeds.len()) };
        println!(
            "\ntest result: {verdict}. 0 passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out"
        );
        return Ok(!ci);
    };
    println!("\nrunning {} modules, compared with {version}", seeds.len());
    let keep = std::env::var_os("WASM_AOT_DIFFERENTIAL_KEEP")
        .map_or_else(|| repository().join("target/differential"), PathBuf::from);
    let total = Mutex::new(Total::default());
    let next = AtomicUsize::new(0);
    let scratch = tempfile::Builder::new().prefix("wasm-aot-differential-").tempdir()?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let work = || -> Result<()> {
        let mut oracle = Oracle::start()?;
        while let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let directory = scratch.path().join(seed.to_string());
            std::fs::create_dir(&directory)?;
            let results = module(seed, &directory, &mut oracle);
            let failed = match &results {
                Ok(results) => results.agreements.iter().any(|(_, result)| result.is_err()),
                Err(_) => true,
            };
            if results.is_err() {
                // The oracle may be in an unknown state, or not exist at all.
                oracle = Oracle::start()?;
            }
            total.lock().expect("no panics").add(seed, results);
            if failed || keep_all {
                copy(&directory, &keep.join(seed.to_string()))?;
            }
            std::fs::remove_dir_all(&directory)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("workers don't panic"))
    })?;
    let total = total.into_inner().expect("no panics");
    Ok(total.print(&keep, start.elapsed()))
}

fn all_seeds() -> Result<Vec<Seed>> {
    let first = number("WASM_AOT_DIFFERENTIAL_FIRST", 0)?;
    let plain = number("WASM_AOT_DIFFERENTIAL_MODULES", 1000)?;
    let collected = number("WASM_AOT_DIFFERENTIAL_GC_MODULES", 300)?;
    let loops = number("WASM_AOT_DIFFERENTIAL_LOOPS", 1000)?;
    let seeds = |kind, count| (first..first + count).map(move |number| Seed(kind, number));
    let all = seeds(Kind::Plain, plain).chain(seeds(Kind::Collected, collected));
    Ok(all.chain(seeds(Kind::Loops, loops)).collect())
}

/// The value of an environment variable.
fn number(name: &str, default: u64) -> Result<u64> {
    match std::env::var(name) {
        Ok(count) => count.parse().with_context(|| format!("{name} must be a number")),
        Err(_) => Ok(default),
    }
}

/// The result of a module.
struct Results {
    /// The features that it uses.
    features: Vec<String>,
    /// For each configuration.
    agreements: Vec<(&'static str, Result<Agreement, String>)>,
}

/// Runs the module of a seed.
fn module(seed: Seed, directory: &Path, oracle: &mut Oracle) -> Result<Results> {
    let Seed(kind, number) = seed;
    let wasm = generate::module(kind, number);
    let parsed = parse::parse(&wasm, features::SUPPORTED).context("wasm-aot refuses a valid module")?;
    let steps = script::steps(&parsed, number);
    std::fs::write(directory.join("module.wasm"), &wasm)?;
    std::fs::write(directory.join("module.script"), script::text(&parsed, &steps))?;
    oracle.ask(&directory.join("module"))?;
    let mut native = Vec::new();
    let configurations = match kind {
        Kind::Plain => &PLAIN[..],
        Kind::Collected => &COLLECTED,
        Kind::Loops => &LOOPS,
    };
    for &(name, change, one_in) in configurations {
        if !number.is_multiple_of(one_in) {
            continue;
        }
        let mut plan = BuildPlan::new(Target::host()?);
        plan.threads = 1;
        plan.checks = harness::checks();
        plan.relaxed_simd_deterministic = true;
        plan.policy.limits.heap = Some(HEAP);
        change(&mut plan);
        let mut builder = Builder::new(false);
        let output = builder.instantiate(&parsed).map_err(anyhow::Error::from).and_then(|instance| {
            let commands = script::commands(&steps, &builder, instance);
            let program = builder.finish(Main::Script(commands), None)?;
            let executable = directory.join(format!("program{}", name.replace([' ', '-'], "_")));
            driver::with_threads(&plan, || {
                driver::write_program(&program, &executable, &plan, &mut Default::default())
            })?;
            run_program(&executable)
        });
        if let Ok(lines) = &output {
            std::fs::write(
                directory.join(format!("native{}.txt", name.replace([' ', '-'], "_"))),
                lines.join("\n"),
            )?;
        }
        native.push((name, output));
    }
    let expected = oracle.answer()?;
    std::fs::write(directory.join("wasmtime.txt"), expected.join("\n"))?;
    let check = |output: Result<Vec<String>>| match output {
        Ok(lines) => compare(&steps, &lines, &expected),
        Err(error) => Err(format!("{error:#}")),
    };
    let agreements = native.into_iter().map(|(name, output)| (name, check(output))).collect();
    Ok(Results { features: features::names(used::features(&parsed)), agreements })
}

fn run_program(executable: &Path) -> Result<Vec<String>> {
    // Another worker may have started a process while the linker wrote the executable, which then
    // has it open for writing until it becomes another program.
    let busy = |error: &anyhow::Error| {
        let error = error.downcast_ref::<std::io::Error>();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::ExecutableFileBusy)
    };
    let outcome = loop {
        match process::run(&mut Command::new(executable), Vec::new(), LIMIT) {
            Err(error) if busy(&error) => std::thread::sleep(Duration::from_millis(1)),
            outcome => break outcome?,
        }
    };
    if outcome.ending != Ending::Code(0) {
        bail!("the program ended with {}: {}", outcome.ending, String::from_utf8_lossy(&outcome.stderr));
    }
    Ok(String::from_utf8(outcome.stdout)?.lines().map(str::to_owned).collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

impl Total {
    fn add(&mut self, seed: Seed, results: Result<Results>) {
        self.modules += 1;
        let results = match results {
            Ok(results) => results,
            Err(error) => {
                println!("FAILED seed {seed}: {error:#}");
                return self.failures.push(format!("seed {seed}: {error:#}"));
            }
        };
        for feature in results.features {
            *self.features.entry(feature).or_default() += 1;
        }
        for (name, result) in results.agreements {
            self.programs += 1;
            *self.configurations.entry(name).or_default() += 1;
            match result {
                Ok(agreement) => {
                    self.agreed.calls += agreement.calls;
                    self.agreed.trapped += agreement.trapped;
                    self.agreed.compared += agreement.compared;
                    self.not_instantiated += usize::from(agreement.not_instantiated);
                    self.inconclusive += usize::from(agreement.inconclusive);
                    self.exhausted += usize::from(agreement.exhausted);
                    self.heap_exhausted += usize::from(agreement.heap_exhausted);
                }
                Err(difference) => {
                    println!("FAILED seed {seed}, {name}: {difference}");
                    self.failures.push(format!("seed {seed}, {name}: {difference}"));
                }
            }
        }
        if self.modules.is_multiple_of(1000) {
            println!("{} modules", self.modules);
        }
    }

    /// Prints the result; returns whether it is good.
    fn print(&self, keep: &Path, elapsed: Duration) -> bool {
        println!("\n{:>8} modules", self.modules);
        let names: Vec<String> =
            self.configurations.iter().map(|(name, count)| format!("{name} {count}")).collect();
        println!("{:>8} programs of them: {}", self.programs, names.join(", "));
        println!("{:>8} steps and memories compared", self.agreed.compared);
        println!("{:>8} calls compared, of which {} trapped", self.agreed.calls, self.agreed.trapped);
        println!("{:>8} programs trapped at instantiation, as under wasmtime", self.not_instantiated);
        println!("{:>8} programs out of stack, as under wasmtime; compared up to there", self.exhausted);
        println!(
            "{:>8} programs inconclusive: only one side out of stack; compared up to there",
            self.inconclusive
        );
        println!(
            "{:>8} programs inconclusive: a side out of heap for objects; compared up to there",
            self.heap_exhausted
        );
        let features = self.features.iter().map(|(feature, modules)| format!("{feature} {modules}"));
        println!("\nmodules by the features that they use: {}", features.collect::<Vec<_>>().join(", "));
        if !self.failures.is_empty() {
            println!("\nfailures, kept in {}:", keep.display());
            for failure in &self.failures {
                println!("FAILED {failure}");
            }
        }
        let ok = self.failures.is_empty() && self.agreed.calls > 0;
        println!(
            "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
            if ok { "ok" } else { "FAILED" },
            self.programs.saturating_sub(self.failures.len()),
            self.failures.len(),
            elapsed.as_secs_f64()
        );
        ok
    }
}
