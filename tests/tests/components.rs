//! The tests of the canonical ABI: `cargo test --release -p wasm-aot-tests --test components [-- WORDS]`.
//!
//! Arguments: words that the names of tests must contain; `--write DIRECTORY` only writes the files that are made from a
//! table, so that `wasmtime wast DIRECTORY/*` can be asked what it thinks of them.
//!
//! WASM_AOT                the compiler to test, instead of the one in the build directory
//! WASM_AOT_TEST_TARGETS   the targets, or `all`; by default the host's in full, and a few files on the others

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasm_aot_tests::component::matrix::{self, Made};
use wasm_aot_tests::component::misuse;
use wasm_aot_tests::component::script::{self, Toolchain};
use wasm_aot_tests::harness::{Test, main_of};
use wasm_aot_tests::programs::targets;

/// Files of the table that are run on all targets in any case: what is most likely to differ between them.
const QUICK: [&str; 8] = [
    "matrix/flags ",
    "matrix/joined-two ",
    "matrix/spilled-mixed latin1",
    "matrix/u64 ",
    "tasks.wast",
    "streams.wast",
    "streams-composed.wast",
    "calls-async.wast",
];

/// Ways of building that are tested on the host.
const WAYS: [(&str, &[&str]); 2] = [("", &[]), (" -O 0, no guard", &["-O", "0", "--memory-guard=none"])];

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
    let mut files = [matrix::files(), misuse::files()].concat();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, directory] = &arguments[..]
        && flag == "--write"
    {
        for Made { name, text } in files {
            let name = name.replace(['/', ' ', '+'], "-");
            std::fs::write(Path::new(directory).join(name + ".wast"), text)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    files.extend(own()?);
    let compiler = targets::compiler()?;
    let mut tests = Vec::new();
    for selected in targets::selected()? {
        let target = selected.target;
        let ways = if target.is_host() { &WAYS[..] } else { &WAYS[..1] };
        for Made { name, text } in &files {
            if !selected.all && !QUICK.iter().any(|quick| name.starts_with(quick)) {
                continue;
            }
            // The second way has other code for accesses to memory: strings add nothing to that.
            let ways = if name.starts_with("matrix/string") { &ways[..1] } else { ways };
            for (way, flags) in ways {
                let (compiler, text) = (compiler.clone(), text.clone());
                tests.push(Test::new(format!("{name} {}{way}", target.name), move |scratch| {
                    script::run(&text, &Toolchain { compiler: &compiler, target, flags }, scratch)
                }));
            }
        }
    }
    Ok(main_of(tests))
}

/// The files of `tests/wast/component`.
fn own() -> Result<Vec<Made>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("wast/component");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&directory)? {
        let path = entry?.path();
        let name = path.strip_prefix(&directory)?.display().to_string();
        let text = std::fs::read_to_string(&path).with_context(|| name.clone())?;
        files.push(Made { name, text });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}
