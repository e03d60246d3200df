//! `wasi:cli/stdin`, `stdout` and `stderr`: streams of the process's own descriptors, which stay open.

use wasm_aot_abi::concurrent::EndType;

use crate::component::Caller;
use crate::component::concurrent;

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_cli_stdin_read_via_stream(
    result: u32,
    caller: &Caller,
    ends: &'static [EndType; 2],
) {
    caller.check();
    let (stream, outcome) = concurrent::read_from(0, caller, ends);
    let fields = caller.fields(result, 8, 4);
    fields.u32(0, stream);
    fields.u32(4, outcome);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_cli_stdout_write_via_stream(
    data: u32,
    caller: &Caller,
    ends: &'static [EndType; 2],
) -> u32 {
    caller.check();
    concurrent::write_to(1, data, caller, ends)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_cli_stderr_write_via_stream(
    data: u32,
    caller: &Caller,
    ends: &'static [EndType; 2],
) -> u32 {
    caller.check();
    concurrent::write_to(2, data, caller, ends)
}
