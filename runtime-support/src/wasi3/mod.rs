//! WASI 0.3: the functions of `wasm_aot_abi::wasi3` that aren't those of 0.2, as `wasi2` has these. An asynchronous function
//! has two: as components lower it synchronously, so that it waits, and asynchronously, so that it returns a subtask.

mod cli;
mod clocks;
