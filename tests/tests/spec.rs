//! Runs the specification's test suite as native code and prints two tables: a line for each suite or kind of
//! directive, a column for each way of building. Files are listed when something fails in them, or with
//! `--files`.
//!
//! Arguments: words that file names must contain; `--configuration WORD` for only the configurations
//! whose names contain the word; `--all-configurations` for all instruction sets.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasm_aot::driver::BuildPlan;
use wasm_aot::metadata::HeapOptions;
use wasm_aot::targets::{OptLevel, Target};
use wasm_aot_tests::harness;
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::spec::suites::{File, SUITES, Suite};
use wasm_aot_tests::spec::{FileReport, Tally, run_file, skip_file, table};

/// A way of running the suite.
struct Configuration {
    name: String,
    /// Suites that it is for; all if it is empty.
    suites: &'static [&'static str],
    plan: BuildPlan,
    runner: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let chosen = arguments.iter().position(|argument| argument == "--configuration").map(|at| at + 1);
    let filters: Vec<&String> = arguments
        .iter()
        .enumerate()
        .filter(|(at, argument)| !argument.starts_with('-') && Some(*at) != chosen)
        .map(|(_, argument)| argument)
        .collect();
    let mut files: Vec<File> = SUITES.iter().flat_map(Suite::files).collect();
    files.retain(|file| filters.is_empty() || filters.iter().any(|filter| file.name.contains(*filter)));
    print_skipped(&files);
    let word = chosen.and_then(|at| arguments.get(at));
    let mut configurations = configurations(has("--all-configurations") || word.is_some());
    configurations.retain(|configuration| word.is_none_or(|word| configuration.name.contains(word.as_str())));
    let mut results = Vec::new();
    for configuration in &configurations {
        if !configuration.plan.target.collector {
            println!(
                "skipped: {}: what runs in programs with objects of the garbage-collected heap, which the target can't have",
                configuration.name
            );
        }
        let reports = run_all(&files, configuration);
        for report in &reports {
            let Tally { passed, failed, skipped } = report.counts.all();
            if has("--files") || !report.failures.is_empty() {
                println!(
                    "{:<40} {:<48} {passed:>6} passed {failed:>6} failed {skipped:>6} skipped",
                    configuration.name, report.name
                );
            }
            report.failures.iter().for_each(|failure| println!("FAILED {failure}"));
        }
        results.push(reports);
    }
    let columns: Vec<String> =
        configurations.iter().map(|configuration| configuration.name.clone()).collect();
    table::print(&files, &columns, &results);
    let mut all = Tally::default();
    results.iter().flatten().for_each(|report| all += report.counts.all());
    let failures = results.iter().flatten().map(|report| report.failures.len()).sum::<usize>();
    let verdict = if failures == 0 && all.passed > 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {failures} failed; {} ignored; 0 measured; 0 filtered out",
        all.passed, all.skipped
    );
    if verdict == "ok" { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what isn't carried out, and why.
fn print_skipped(files: &[File]) {
    for suite in SUITES {
        let of_suite = files.iter().filter(|file| file.suite == suite.name);
        let whole: Vec<&File> = of_suite.clone().filter(|file| file.out_of_scope.is_some()).collect();
        if let Some(reason) = whole.first().and_then(|file| file.out_of_scope) {
            let directives: usize = whole.iter().map(|file| skip_file(file).directives).sum();
            println!("skipped: {}: {} files, {directives} directives: {reason}", suite.name, whole.len());
        }
        for (name, skipped) in of_suite.filter_map(|file| Some((&file.name, file.skipped?))) {
            println!("skipped: {name}: lines {:?}: {}", skipped.lines, skipped.reason);
        }
    }
}

/// Name, suites, and what it changes.
type Variant = (&'static str, &'static [&'static str], fn(&mut BuildPlan));

/// How each target is tested: as users build, and with each other way of protecting memory and of
/// optimising.
const VARIANTS: &[Variant] = &[
    ("", &[], |_| {}),
    (" --memory-guard=none", &[], |plan| plan.memory_guard = false),
    (" -O 0", &[], |plan| plan.opt_level = OptLevel::O0),
    (" --gc-stress --gc-verify", WITH_OBJECTS, |plan| {
        plan.heap = HeapOptions { stress: true, verify: true };
    }),
];

/// Suites with modules that have objects of the garbage-collected heap.
const WITH_OBJECTS: &[&str] = &["gc", "wasm-3.0", "function-references", "exceptions", "bulk-memory", "own"];

/// Vectors, above all, are other instructions on newer CPUs. Only this machine is known to have its own.
const NATIVE: Variant = (" --cpu native", &[], |plan| plan.cpu = Some("native".to_owned()));

/// The configurations of this machine, or those of all targets, under emulation.
fn configurations(all: bool) -> Vec<Configuration> {
    let make = |target: &targets::Target, (variant, suites, change): &Variant| {
        let mut plan = BuildPlan::new(Target::find(target.name).expect("a known target"));
        plan.threads = 1;
        plan.checks = harness::checks();
        change(&mut plan);
        let name = format!("{}{variant}", target.name);
        Configuration { name, suites, plan, runner: target.runner() }
    };
    let targets = targets::TARGETS.iter().filter(|target| all || target.is_host());
    let variants = |host: bool| VARIANTS.iter().chain(host.then_some(&NATIVE));
    targets.flat_map(|target| variants(target.is_host()).map(move |variant| make(target, variant))).collect()
}

fn run_all(files: &[File], configuration: &Configuration) -> Vec<FileReport> {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(index) else { break };
                    let plan = BuildPlan { features: file.features, ..configuration.plan.clone() };
                    let suites = configuration.suites;
                    let report = match file.out_of_scope {
                        _ if !suites.is_empty() && !suites.contains(&file.suite) => FileReport::new(file),
                        Some(_) => skip_file(file),
                        None => run_file(file, &plan, &configuration.runner, scratch.path()),
                    };
                    reports.lock().expect("no panics").push((index, report));
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no panics");
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}
