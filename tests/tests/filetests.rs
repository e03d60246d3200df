//! The filetests: `cargo test --release -p wasm-aot-tests --test filetests [-- WORDS]`.
//!
//! Arguments: words that file names must contain; `--all-configurations` runs the `run` tests also
//! for the other targets, under emulation. Environment: `WASM_AOT_BLESS=1` rewrites the expected outputs.

use std::path::Path;
use std::process::ExitCode;

use wasm_aot_tests::filetests::{FileTest, find};
use wasm_aot_tests::harness::{Test, main_of};

fn main() -> ExitCode {
    let bless = std::env::var_os("WASM_AOT_BLESS").is_some_and(|value| value != "0");
    let all = std::env::args().any(|argument| argument == "--all-configurations");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests");
    let files = match find(&directory) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let tests = files.into_iter().map(|path| {
        let name = path.strip_prefix(&directory).unwrap_or(&path).display().to_string();
        Test::new(name, move |scratch| FileTest::read(&path)?.run(bless, all, scratch))
    });
    main_of(tests.collect())
}
