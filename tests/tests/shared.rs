//! The tests of shared libraries: `cargo test --release -p wasm-aot-tests --test shared [-- WORDS]`.
//!
//! Arguments: words that test names must contain. CI=true makes a test that can't be run here a failure.

use std::process::ExitCode;

fn main() -> ExitCode {
    wasm_aot_tests::harness::main_of(wasm_aot_tests::shared::tests())
}
