//! The tests of libraries: every file of `tests/libraries/cases`, in each way of linking.
//! `cargo test --release -p wasm-aot-tests --test libraries [-- WORDS]`.
//!
//! WASM_AOT                the compiler to test, instead of the one in the build directory
//! WASM_AOT_TEST_TARGETS   the targets, or `all`; by default the host's in full, the quick ones of others
//! CI=true                 what can't be fetched is a failure

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use wasm_aot_tests::harness::{Test, main_of};
use wasm_aot_tests::libraries::case::{self, Case};
use wasm_aot_tests::libraries::link::{Kind, Way};
use wasm_aot_tests::libraries::run::Suite;
use wasm_aot_tests::programs::fetch;
use wasm_aot_tests::programs::targets::{self, Target};

fn main() -> ExitCode {
    match tests() {
        Ok(tests) => main_of(tests),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A test, and what tells it from others.
struct Planned {
    name: String,
    case: Arc<Case>,
    target: &'static Target,
    way: Way,
}

fn tests() -> Result<Vec<Test>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut planned = Vec::new();
    let selected = targets::selected()?;
    for case in case::load()? {
        let case = Arc::new(case);
        for selected in &selected {
            let target = selected.target;
            if !selected.all && !case.quick {
                continue;
            }
            for way in Way::of(&case, target) {
                let name = format!("{} {} {}", case.name, target.name, way.name());
                if words.iter().all(|word| name.contains(word.as_str())) {
                    planned.push(Planned { name, case: Arc::clone(&case), target, way });
                }
            }
        }
    }
    let suite = Arc::new(Suite { compiler: targets::compiler()?, fetched: fetched(&planned)? });
    let test = |Planned { name, case, target, way }| {
        let suite = Arc::clone(&suite);
        Test::new(name, move |scratch| suite.run(&case, target, way, scratch))
    };
    Ok(planned.into_iter().map(test).collect())
}

/// Brings what the tests need.
fn fetched(planned: &[Planned]) -> Result<fetch::Fetched> {
    let (mut tools, mut modules) = (BTreeSet::new(), BTreeSet::new());
    for Planned { case, target, way, .. } in planned {
        tools.extend(way.tools().iter().map(|tool| (*tool).to_owned()));
        modules.extend(case.modules().map(str::to_owned));
        if !target.is_host() {
            tools.insert(target.emulator.to_owned());
            if way.kind == Kind::Shared && target.name.ends_with("-linux") {
                tools.insert(format!("loader-{}", target.name));
            }
        }
    }
    fetch::fetch(tools.iter().map(String::as_str), modules.iter().map(String::as_str))
}
