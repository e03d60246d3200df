//! Real programs that others wrote and compiled to Wasm, built by `wasm-aot` and compared with the
//! same program under wasmtime: standard output, standard error, exit code, and every file.
//!
//! A test is one file in `tests/programs/cases`; `tests/programs/README.md` says what it may hold.

pub mod case;
pub mod fetch;
pub mod process;
pub mod report;
pub mod scratch;
pub mod suite;
pub mod targets;
pub mod wasmtime;
