//! The benchmark: the same programs built by wasm-aot, precompiled by wasmtime, and compiled from
//! the same C by clang and gcc for the host. `cargo run --release -p wasm-aot-tests --bin bench`.
//!
//! A program is one file in `tests/bench/programs`; its module is described in
//! `tests/programs/modules`, as for the program tests.

pub mod builds;
pub mod count;
pub mod interpreter;
pub mod layouts;
pub mod measure;
pub mod picture;
pub mod program;
pub mod results;
pub mod table;
