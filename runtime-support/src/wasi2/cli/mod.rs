//! `wasi:cli`.

use super::io::streams::{OutputStream, STANDARD_STREAM};
use crate::component::Caller;
use crate::sys;

fn standard_stream(host: i32, caller: &Caller) -> u32 {
    caller.check();
    caller.own(OutputStream::new(&STANDARD_STREAM, host, 0))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_stdout_get_stdout(caller: &Caller) -> u32 {
    standard_stream(1, caller)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_stderr_get_stderr(caller: &Caller) -> u32 {
    standard_stream(2, caller)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_exit_exit(failed: u32, caller: &Caller) -> ! {
    caller.check();
    sys::exit((failed & 1) as i32)
}
