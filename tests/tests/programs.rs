//! The program tests: every file of `tests/programs/cases`, built by wasm-aot and compared with
//! wasmtime. `cargo test --release -p wasm-aot-tests --test programs [-- FILTER]`.
//!
//! WASM_AOT                the compiler to test, instead of the one in the build directory
//! WASM_AOT_TEST_TARGETS   the targets, or `all`; by default the host's in full, the quick ones of others
//! WASM_AOT_TEST_FLAGS     more flags for every build
//! CI=true                 a program that can't be fetched is a failure

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use wasm_aot_tests::programs::report::{Counts, count, table};
use wasm_aot_tests::programs::{case, fetch, suite, targets};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("programs: test");
        return ExitCode::SUCCESS;
    }
    let filter = arguments.iter().find(|argument| !argument.starts_with('-')).cloned().unwrap_or_default();
    let start = Instant::now();
    match run(&filter) {
        Ok(counts) => {
            let ok = counts.failed == 0;
            println!(
                "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
                if ok { "ok" } else { "FAILED" },
                counts.passed,
                counts.failed,
                counts.not_run,
                start.elapsed().as_secs_f64()
            );
            if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(filter: &str) -> Result<Counts> {
    let cases = case::load(filter)?;
    let targets = targets::selected()?;
    let modules: BTreeSet<&str> = cases.iter().flat_map(|case| case.modules()).collect();
    let emulators = targets.iter().filter(|s| !s.target.is_host()).map(|s| s.target.emulator);
    let fetched = fetch::fetch(std::iter::once("wasmtime").chain(emulators), modules.iter().copied())?;
    println!("\nrunning {} program tests", cases.len());
    let suite = suite::Suite {
        compiler: targets::compiler()?,
        fetched,
        targets,
        flags: suite::flags_from_environment(),
    };
    let (records, compilers) = suite.run(&cases, |record| println!("{}", record.line()));
    print!("{}", table(&records));

    let mut total = count(&records);
    println!();
    let quick = cases.iter().filter(|case| case.quick).count();
    for selected in &suite.targets {
        let counts = count(records.iter().filter(|record| record.target == selected.target.name));
        println!(
            "{}: {} passed, {} failed, {} not run{}",
            selected.target.name,
            counts.passed,
            counts.failed,
            counts.not_run,
            if selected.all {
                String::new()
            } else {
                format!(" (the quick ones only: {quick} of {})", cases.len())
            }
        );
    }
    if total.not_run > 0 && std::env::var("CI").is_ok_and(|value| value == "true") {
        println!("what was not run counts as failed, since CI=true");
        total.failed += std::mem::take(&mut total.not_run);
    }
    println!("{compilers}");
    if compilers.are_mostly_cranelift() {
        println!("FAILED: Winch compiled too few modules, so Cranelift was mostly compared with itself");
        total.failed += 1;
    }
    Ok(total)
}
