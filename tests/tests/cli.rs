//! The tests of the command line: `cargo test --release -p wasm-aot-tests --test cli [-- WORDS]`.
//!
//! Arguments: words that test names must contain. Tests the `wasm-aot` in the build directory, which
//! must have been built. CI=true makes a test that can't be run here a failure.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Scripts start what is in their background with SIGINT ignored, and what we start would inherit that.
    // SAFETY: nothing handles the signal, and there are no other threads yet.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
    if let Err(error) = wasm_aot_tests::cli::compiler() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    wasm_aot_tests::harness::main_of(wasm_aot_tests::cli::tests())
}
