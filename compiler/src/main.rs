//! The `wasm-aot` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    wasm_aot::cli::main()
}
