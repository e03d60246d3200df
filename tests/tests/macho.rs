//! The tests of executables for macOS: `cargo test --release -p wasm-aot-tests --test macho [-- WORDS]`.
//!
//! Arguments: words that test names must contain. Tests the `wasm-aot` in the build directory, which
//! must have been built. CI=true makes a test that can't be run here a failure.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = wasm_aot_tests::cli::compiler() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    wasm_aot_tests::harness::main_of(wasm_aot_tests::macho::tests())
}
