//! Runs the specification's test suite as native code and prints two tables: a line for each suite or kind of
//! directive, a column for each way of building. Files are listed when something fails in them, or with
//! `--files`.
//!
//! Arguments: words that file names must contain; `--configuration WORD` for only the configurations
//! whose names contain the word; `--all-configurations` for all instruction sets, all suites in each
//! configuration, and more garbage in our own files where the collector runs at every allocation; `--list` for the
//! suites, their files and the configurations.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

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
    suites: Suites,
    plan: BuildPlan,
    runner: Vec<String>,
}

/// The suites that a configuration is for.
#[derive(Clone, Copy)]
enum Suites {
    All,
    Only(&'static [&'static str]),
    /// All but these, unless everything is asked for.
    AllBut(&'static [&'static str]),
}

impl Suites {
    fn contains(self, suite: &str, everything: bool) -> bool {
        match self {
            Suites::All => true,
            Suites::Only(suites) => suites.contains(&suite),
            Suites::AllBut(suites) => everything || !suites.contains(&suite),
        }
    }
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
    let word = chosen.and_then(|at| arguments.get(at));
    let everything = has("--all-configurations");
    files.iter_mut().for_each(|file| file.thorough = everything);
    let mut configurations = configurations(everything || word.is_some() || has("--list"));
    configurations.retain(|configuration| word.is_none_or(|word| configuration.name.contains(word.as_str())));
    if has("--list") {
        files.iter().for_each(|file| println!("{}", file.name));
        configurations.iter().for_each(|configuration| println!("--configuration '{}'", configuration.name));
        return ExitCode::SUCCESS;
    }
    print_skipped(&files);
    let results = run_all(&files, &configurations, everything);
    for (configuration, reports) in configurations.iter().zip(&results) {
        if !configuration.plan.target.collector {
            println!(
                "skipped: {}: what runs in programs with objects of the garbage-collected heap, which the target can't have",
                configuration.name
            );
        }
        for report in reports.iter().filter(|report| has("--files") || report.problems().count() > 0) {
            let Tally { passed, failed, skipped } = report.counts.all();
            println!(
                "{:<40} {:<48} {passed:>6} passed {failed:>6} failed {skipped:>6} skipped",
                configuration.name, report.name
            );
            report.problems().for_each(|failure| println!("FAILED {failure}"));
        }
    }
    let columns: Vec<String> =
        configurations.iter().map(|configuration| configuration.name.clone()).collect();
    table::print(&files, &columns, &results);
    let mut all = Tally::default();
    results.iter().flatten().for_each(|report| all += report.counts.all());
    let failures = results.iter().flatten().map(|report| report.problems().count()).sum::<usize>();
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
type Variant = (&'static str, Suites, fn(&mut BuildPlan));

/// How each target is tested: as users build, and with each other way of protecting memory and of
/// optimising.
const VARIANTS: &[Variant] = &[
    ("", Suites::All, |_| {}),
    (" --memory-guard=none", Suites::All, |plan| plan.memory_guard = false),
    (" -O 0", Suites::All, |plan| plan.opt_level = OptLevel::O0),
    (" --gc-stress --gc-verify", WITH_OBJECTS, |plan| {
        plan.heap = HeapOptions { stress: true, verify: true };
    }),
    (" -C inline -C devirtualise", WITH_CALLS, |plan| {
        (plan.passes.inline, plan.passes.devirtualise) = (true, true);
    }),
];

/// Suites that tell most of what depends on where a call leads.
const WITH_CALLS: Suites = Suites::Only(&["function-references", "exceptions", "own"]);

/// Suites with modules that have objects of the garbage-collected heap.
const WITH_OBJECTS: Suites =
    Suites::Only(&["gc", "wasm-3.0", "function-references", "exceptions", "bulk-memory", "own"]);

/// Vectors, above all, are other instructions on newer CPUs; addresses and bounds checks are the same. Only this machine
/// is known to have its own.
const NATIVE: Variant =
    (" --cpu native", Suites::AllBut(&["bounds"]), |plan| plan.cpu = Some("native".to_owned()));

/// The configurations of this machine, or those of all targets, under emulation.
fn configurations(all: bool) -> Vec<Configuration> {
    let make = |target: &targets::Target, (variant, suites, change): &Variant| {
        let mut plan = BuildPlan::new(Target::find(target.name).expect("a known target"));
        plan.threads = 1;
        plan.checks = harness::checks();
        change(&mut plan);
        let name = format!("{}{variant}", target.name);
        Configuration { name, suites: *suites, plan, runner: target.runner() }
    };
    let targets = targets::TARGETS.iter().filter(|target| all || target.is_host());
    let variants = |host: bool| VARIANTS.iter().chain(host.then_some(&NATIVE));
    targets.flat_map(|target| variants(target.is_host()).map(move |variant| make(target, variant))).collect()
}

/// The reports of all files for each configuration. There is one queue, so that no processor waits for the last file of
/// a configuration. Prints what took longest.
fn run_all(files: &[File], configurations: &[Configuration], everything: bool) -> Vec<Vec<FileReport>> {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let folders: Vec<PathBuf> =
        (0..configurations.len()).map(|number| scratch.path().join(number.to_string())).collect();
    folders.iter().for_each(|folder| std::fs::create_dir(folder).expect("a writable directory"));
    let jobs: Vec<(usize, &File)> =
        (0..configurations.len()).flat_map(|number| files.iter().map(move |file| (number, file))).collect();
    let results = harness::parallel(&jobs, |&(number, file)| {
        let configuration = &configurations[number];
        let plan = BuildPlan { features: file.features, ..configuration.plan.clone() };
        let start = Instant::now();
        let report = match file.out_of_scope {
            _ if !configuration.suites.contains(file.suite, everything) => FileReport::new(file),
            Some(_) => skip_file(file),
            None => run_file(file, &plan, &configuration.runner, &folders[number]),
        };
        (report, start.elapsed())
    });
    let mut times: Vec<(Duration, usize)> =
        results.iter().enumerate().map(|(at, (_, time))| (*time, at)).collect();
    times.sort_by(|a, b| b.cmp(a));
    for (time, at) in times.into_iter().take(5) {
        let (number, file) = jobs[at];
        println!("{:6.1} s: {} {}", time.as_secs_f64(), file.name, configurations[number].name);
    }
    let mut reports = results.into_iter().map(|(report, _)| report);
    configurations.iter().map(|_| reports.by_ref().take(files.len()).collect()).collect()
}
