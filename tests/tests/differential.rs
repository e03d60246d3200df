//! The differential test: modules of wasm-smith, as native code and under wasmtime, must do the
//! same. `cargo test --release -p wasm-aot-tests --test differential [-- SEED...]`.
//!
//! WASM_AOT_DIFFERENTIAL_MODULES   how many modules, for the seeds from 0; 1000 without it
//! WASM_AOT_DIFFERENTIAL_KEEP      where to leave what belongs to a failure, by default
//!                                 target/differential; modules whose seeds are given stay anyway
//! CI=true                         without wasmtime the test fails

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wasm_aot::build::{self, BuildPlan};
use wasm_aot::parse::{self, features, used};
use wasm_aot::program::{Builder, Entry};
use wasm_aot::target::{OptLevel, Target};
use wasm_aot_tests::fuzz::compare::{Agreement, compare};
use wasm_aot_tests::fuzz::oracle::{self, Oracle};
use wasm_aot_tests::fuzz::{generate, script};
use wasm_aot_tests::programs::case::repository;
use wasm_aot_tests::programs::process::{self, Ending};

/// Programs run for milliseconds: fuel sees to that.
const LIMIT: Duration = Duration::from_secs(20);

/// The ways of building: a name, what it changes, and of how many modules one is built so.
type Configuration = (&'static str, fn(&mut BuildPlan), u64);
const CONFIGURATIONS: [Configuration; 3] = [
    ("default", |_| {}, 1),
    ("--memory-guard=none", |plan| plan.memory_guard = false, 4),
    ("-O 0", |plan| plan.opt_level = OptLevel::O0, 4),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("differential: test");
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<u64> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    match run(chosen) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What all modules came to.
#[derive(Default)]
struct Total {
    modules: usize,
    programs: usize,
    agreed: Agreement,
    not_instantiated: usize,
    inconclusive: usize,
    exhausted: usize,
    failures: Vec<String>,
    /// How many modules use a feature.
    features: BTreeMap<String, usize>,
}

fn run(chosen: Vec<u64>) -> Result<bool> {
    let start = Instant::now();
    let keep_all = !chosen.is_empty();
    let seeds = if chosen.is_empty() { (0..count()?).collect() } else { chosen };
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
                // It may be in an unknown state, or not be at all.
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

fn count() -> Result<u64> {
    match std::env::var("WASM_AOT_DIFFERENTIAL_MODULES") {
        Ok(count) => count.parse().context("WASM_AOT_DIFFERENTIAL_MODULES must be a number"),
        Err(_) => Ok(1000),
    }
}

/// What came of a module.
struct Results {
    /// The features that it uses.
    features: Vec<String>,
    /// For each configuration.
    agreements: Vec<(&'static str, Result<Agreement, String>)>,
}

/// Runs the module of a seed.
fn module(seed: u64, directory: &Path, oracle: &mut Oracle) -> Result<Results> {
    let wasm = generate::module(seed);
    let parsed = parse::parse(&wasm, features::SUPPORTED).context("wasm-aot refuses a valid module")?;
    let steps = script::steps(&parsed, seed);
    std::fs::write(directory.join("module.wasm"), &wasm)?;
    std::fs::write(directory.join("module.script"), script::text(&steps))?;
    oracle.ask(&directory.join("module"))?;
    let mut native = Vec::new();
    for (name, change, one_in) in CONFIGURATIONS {
        if !seed.is_multiple_of(one_in) {
            continue;
        }
        let mut plan = BuildPlan::new(Target::host()?);
        plan.threads = 1;
        plan.relaxed_simd_deterministic = true;
        change(&mut plan);
        let mut builder = Builder::new(plan.memory_options(), false);
        let output = builder.instantiate(&parsed).map_err(anyhow::Error::from).and_then(|instance| {
            let commands = script::commands(&steps, &builder, instance);
            let program = builder.finish(Entry::Script(commands), None)?;
            let executable = directory.join(format!("program{}", name.replace([' ', '-'], "_")));
            build::with_threads(&plan, || {
                build::write_program(&program, &executable, &plan, &mut Default::default())
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
    fn add(&mut self, seed: u64, results: Result<Results>) {
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
            match result {
                Ok(agreement) => {
                    self.agreed.calls += agreement.calls;
                    self.agreed.trapped += agreement.trapped;
                    self.agreed.compared += agreement.compared;
                    self.not_instantiated += usize::from(agreement.not_instantiated);
                    self.inconclusive += usize::from(agreement.inconclusive);
                    self.exhausted += usize::from(agreement.exhausted);
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

    /// Prints the result; whether it is good.
    fn print(&self, keep: &Path, elapsed: Duration) -> bool {
        println!(
            "\n{:>8} modules\n{:>8} programs of them, in {} configurations",
            self.modules,
            self.programs,
            CONFIGURATIONS.len()
        );
        println!("{:>8} steps and memories compared", self.agreed.compared);
        println!("{:>8} calls compared, of which {} trapped", self.agreed.calls, self.agreed.trapped);
        println!("{:>8} programs trapped at instantiation, as under wasmtime", self.not_instantiated);
        println!("{:>8} programs out of stack, as under wasmtime; compared up to there", self.exhausted);
        println!(
            "{:>8} programs inconclusive: only one side out of stack; compared up to there",
            self.inconclusive
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
