//! The filetests: `cargo test --release -p wasm-aot-tests --test filetests [-- WORDS]`.
//!
//! Arguments: words that file names must contain.
//!
//! WASM_AOT_TEST_TARGETS   the targets of the `run` tests, or `all`; by default the host's
//! WASM_AOT_BLESS=1        rewrites the expected outputs

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasm_aot_tests::filetests::{FileTest, find};
use wasm_aot_tests::harness::{Test, main_of};
use wasm_aot_tests::programs::targets;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let bless = std::env::var_os("WASM_AOT_BLESS").is_some_and(|value| value != "0");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests");
    let targets = targets::selected()?;
    let mut tests = Vec::new();
    let mut left_out = 0;
    for path in find(&directory)? {
        let name = path.strip_prefix(&directory)?.display().to_string();
        let test = FileTest::read(&path).with_context(|| name.clone())?;
        for (target, reason) in test.left_out(&targets) {
            println!("left out: {name} on {target}: {reason}");
            left_out += 1;
        }
        let targets = targets.clone();
        tests.push(Test::new(name, move |scratch| test.run(bless, &targets, scratch)));
    }
    println!("left out: {left_out}");
    Ok(main_of(tests))
}
