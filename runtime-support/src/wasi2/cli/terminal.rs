//! `wasi:cli/terminal-*`: whether the standard streams are terminals. A terminal has no functions but its drop.

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::Caller;
use crate::sys::file::{self, Fd};

/// Gives the caller an `option<own<T>>`, with the resource if the descriptor is a terminal.
fn get(host: Fd, kind: ResourceKind, result: u32, caller: &Caller) {
    caller.check();
    let fields = caller.fields(result, 8, 4);
    let is_terminal = file::is_terminal(host);
    fields.u8(0, is_terminal.into());
    if is_terminal {
        // Nothing is known of one.
        fields.u32(4, caller.own_representation(kind, 0));
    }
}

fn drop(handle: u32, kind: ResourceKind, caller: &Caller) {
    caller.check();
    caller.take_representation(kind, handle);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stdin_get_terminal_stdin(result: u32, caller: &Caller) {
    get(0, ResourceKind::TerminalInput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stdout_get_terminal_stdout(result: u32, caller: &Caller) {
    get(1, ResourceKind::TerminalOutput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stderr_get_terminal_stderr(result: u32, caller: &Caller) {
    get(2, ResourceKind::TerminalOutput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_input_terminal_input_drop(handle: u32, caller: &Caller) {
    drop(handle, ResourceKind::TerminalInput, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_output_terminal_output_drop(handle: u32, caller: &Caller) {
    drop(handle, ResourceKind::TerminalOutput, caller);
}
