//! The tests of debug information: every file of `tests/debug/scripts`, at each level and for each target that it names.
//! `cargo test --release -p wasm-aot-tests --test debug [-- WORDS]`.
//!
//! WASM_AOT   the compiler to test, instead of the one in the build directory
//! CI=true    what can't be fetched is a failure

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use wasm_aot_tests::debug::script::{self, Script};
use wasm_aot_tests::debug::suite::{Suite, Way};
use wasm_aot_tests::harness::{Test, main_of};
use wasm_aot_tests::programs::{fetch, targets};

fn main() -> ExitCode {
    match tests() {
        Ok(tests) => main_of(tests),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn tests() -> Result<Vec<Test>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut planned: Vec<(String, Arc<Script>, Way)> = Vec::new();
    for script in script::load()? {
        let script = Arc::new(script);
        for way in Way::of(&script)? {
            let name = format!("{} {} -O{}", script.name, way.target.name, way.level);
            if words.iter().all(|word| name.contains(word.as_str())) {
                planned.push((name, Arc::clone(&script), way));
            }
        }
    }
    let tools: BTreeSet<_> = planned.iter().flat_map(|(_, script, way)| way.tools(script.debugger)).collect();
    let modules: BTreeSet<_> = planned.iter().map(|(_, script, _)| script.module.as_str()).collect();
    let suite = Suite { compiler: targets::compiler()?, fetched: fetch::fetch(tools, modules)? };
    let suite = Arc::new(suite);
    let test = |(name, script, way): (String, Arc<Script>, Way)| {
        let suite = Arc::clone(&suite);
        Test::new(name, move |scratch| suite.run(&script, &way, scratch))
    };
    Ok(planned.into_iter().map(test).collect())
}
