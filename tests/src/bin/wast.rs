//! Runs `.wast` files of any project as native code, and says of how many directives they hold: `make wast FILES=...`.
//!
//! A module with a name can be imported by it, `thread` blocks are run one after the other where they begin, and a line
//! `;;! NAME = false` at the top of a file (as wasmtime's have) takes a feature away. What asks for features that aren't
//! supported is counted as skipped, with the reason. Exit code 1 if something failed or nothing passed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use wasm_aot::driver::BuildPlan;
use wasm_aot::metadata::HeapOptions;
use wasm_aot::parse::features;
use wasm_aot::targets::{OptLevel, Target};
use wasm_aot_tests::harness;
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::spec::suites::File;
use wasm_aot_tests::spec::{FileReport, Tally, run_file};
use wasmparser::WasmFeatures;

/// Run .wast files as native code
#[derive(Parser)]
struct Options {
    /// Files, and folders in which all .wast files are run
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What modules may use: as `wasm-aot build --features`
    #[arg(long, default_value = "all", allow_hyphen_values = true)]
    features: String,
    /// One that can be run here, perhaps under an emulator
    #[arg(long)]
    target: Option<String>,
    #[arg(short = 'O', default_value = "2", value_parser = ["0", "2"])]
    opt_level: String,
    /// Check each access
    #[arg(long)]
    no_memory_guard: bool,
    /// Collect at every allocation, and check the heap each time
    #[arg(long)]
    gc_stress: bool,
    /// Seconds that a file's program may take
    #[arg(long, default_value = "60")]
    timeout: u64,
    /// Print the files that would be run, and nothing else
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    harness::exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<bool> {
    let mut paths = Vec::new();
    for path in &options.files {
        find(path, &mut paths)?;
    }
    if options.list {
        paths.iter().for_each(|path| println!("{}", path.display()));
        return Ok(true);
    }
    let (plan, runner) = plan(options)?;
    let files: Vec<File> = paths.iter().map(|path| read(path, options)).collect::<Result<_>>()?;
    let scratch = tempfile::tempdir()?;
    let reports = harness::parallel(&files, |file| {
        let plan = BuildPlan { features: file.features, ..plan.clone() };
        let report = run_file(file, &plan, &runner, scratch.path());
        println!("{}", line(&report.name, report.counts.all()));
        report
    });
    Ok(summary(&reports))
}

/// A file, or all `.wast` files below a folder, in the order of their names.
fn find(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        found.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            found.push(path);
        }
    }
    Ok(())
}

/// How to build programs, and what starts them.
fn plan(options: &Options) -> Result<(BuildPlan, Vec<String>)> {
    let (target, runner) = match &options.target {
        None => (Target::host()?, Vec::new()),
        Some(name) => {
            let Some(target) = targets::TARGETS.iter().find(|target| target.name == *name) else {
                let names: Vec<&str> = targets::TARGETS.iter().map(|target| target.name).collect();
                bail!("programs for {name} can't be run here; for these they can: {}", names.join(", "));
            };
            (Target::find(name)?, target.runner())
        }
    };
    let mut plan = BuildPlan::new(target);
    plan.threads = 1;
    plan.checks = harness::checks();
    plan.opt_level = if options.opt_level == "0" { OptLevel::O0 } else { OptLevel::O2 };
    plan.memory_guard = !options.no_memory_guard;
    plan.heap = HeapOptions { stress: options.gc_stress, verify: options.gc_stress };
    Ok((plan, runner))
}

fn read(path: &Path, options: &Options) -> Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut enabled = features::parse_list(&options.features)?;
    for line in text.lines().map_while(|line| line.strip_prefix(";;!")) {
        let Some((name, "false")) = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
        else {
            continue;
        };
        if let Some(feature) = WasmFeatures::from_name(&name.to_uppercase()) {
            enabled.remove(feature);
        }
    }
    Ok(File {
        suite: "",
        name: path.display().to_string(),
        text: text.leak(),
        features: enabled,
        named_modules: true,
        thorough: false,
        limit: Duration::from_secs(options.timeout),
        out_of_scope: None,
        skipped: None,
    })
}

fn line(name: &str, tally: Tally) -> String {
    let Tally { passed, failed, skipped } = tally;
    format!("{name:<64} {passed:>6} passed {failed:>6} failed {skipped:>6} skipped")
}

/// Prints the reasons and the sums; whether something passed and nothing failed.
fn summary(reports: &[FileReport]) -> bool {
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut all = Tally::default();
    for report in reports {
        report.unsupported.iter().for_each(|reason| println!("skipped {reason}"));
        report.counts.0.iter().for_each(|(kind, tally)| *kinds.entry(kind).or_default() += *tally);
        all += report.counts.all();
    }
    reports.iter().flat_map(|report| &report.failures).for_each(|reason| println!("FAILED {reason}"));
    println!();
    kinds.iter().for_each(|(kind, tally)| println!("{}", line(kind, *tally)));
    println!("{}", line(&format!("{} files", reports.len()), all));
    if all.passed == 0 {
        println!("FAILED nothing passed");
    }
    all.passed > 0 && reports.iter().all(|report| report.failures.is_empty())
}
