//! A test harness for tests that are data: runs them in parallel and prints what cargo's own prints.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, anyhow};
use wasm_aot::targets::Checks;

/// What a test does, in an empty directory of its own.
type Body = Box<dyn Fn(&Path) -> Result<()> + Send + Sync>;

/// How Cranelift's work is checked in tests that compile modules: that the CLIF is valid, and, with
/// `WASM_AOT_TEST_REGALLOC=1`, the register allocation, which makes compiling take about twice as long.
pub fn checks() -> Checks {
    match std::env::var_os("WASM_AOT_TEST_REGALLOC") {
        Some(value) if value == "1" => Checks::ALL,
        _ => Checks::VERIFIER,
    }
}

/// A test: gets an empty directory of its own.
pub struct Test {
    name: String,
    run: Body,
}

impl Test {
    pub fn new(name: impl Into<String>, run: impl Fn(&Path) -> Result<()> + Send + Sync + 'static) -> Test {
        Test { name: name.into(), run: Box::new(run) }
    }
}

/// The error of a test that can't be run here, with the reason. It is printed and counted; with
/// CI=true it is a failure.
#[derive(Debug)]
pub struct Skipped(pub String);

impl std::error::Error for Skipped {}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The exit code of a command that reports whether all went well; prints the error if there is one.
pub fn exit_code(outcome: Result<bool>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the tests whose names contain all words of the command line.
pub fn main_of(mut tests: Vec<Test>) -> ExitCode {
    let start = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let count = tests.len();
    tests.retain(|test| words.iter().all(|word| test.name.contains(*word)));
    if arguments.iter().any(|argument| argument == "--list") {
        tests.iter().for_each(|test| println!("{}: test", test.name));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", tests.len());
    let results = run_all(&tests);
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let (mut passed, mut skipped, mut failures) = (0, 0, Vec::new());
    for (test, result) in tests.iter().zip(results) {
        match result {
            Ok(()) => passed += 1,
            Err(error) if error.is::<Skipped>() && !ci => skipped += 1,
            Err(error) => failures.push((&test.name, error)),
        }
    }
    if !failures.is_empty() {
        println!("\nfailures:\n");
        failures.iter().for_each(|(name, error)| println!("---- {name} ----\n{error:#}\n"));
    }
    println!(
        "\ntest result: {}. {passed} passed; {} failed; {skipped} ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        failures.len(),
        count - tests.len(),
        start.elapsed().as_secs_f64(),
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_all(tests: &[Test]) -> Vec<Result<()>> {
    parallel(tests, |test| {
        let result = run_one(test);
        let verdict = match &result {
            Ok(()) => "ok".to_owned(),
            Err(error) if error.is::<Skipped>() => format!("ignored: {error}"),
            Err(_) => "FAILED".to_owned(),
        };
        println!("test {} ... {verdict}", test.name);
        result
    })
}

/// Does some work for each item, on all processors; the results are in the order of the items.
pub fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    results.lock().expect("no panic holds the lock").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no panic holds the lock");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn run_one(test: &Test) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    catch_unwind(AssertUnwindSafe(|| (test.run)(scratch.path()))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(anyhow!("panicked: {}", words.unwrap_or("?")))
    })
}
