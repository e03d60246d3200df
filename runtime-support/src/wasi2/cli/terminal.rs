//! `wasi:cli/terminal-*`: whether the standard streams are terminals. A terminal has no functions but its drop.

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::slab::Slab;
use crate::component::{Caller, Resource};
use crate::sys::file::{self, Fd};

/// `wasi:cli/terminal-input.terminal-input`.
struct TerminalInput;

/// `wasi:cli/terminal-output.terminal-output`.
struct TerminalOutput;

static INPUTS: Slab<TerminalInput> = Slab::new();
static OUTPUTS: Slab<TerminalOutput> = Slab::new();

impl Resource for TerminalInput {
    const KIND: ResourceKind = ResourceKind::TerminalInput;

    fn table() -> &'static Slab<TerminalInput> {
        &INPUTS
    }
}

impl Resource for TerminalOutput {
    const KIND: ResourceKind = ResourceKind::TerminalOutput;

    fn table() -> &'static Slab<TerminalOutput> {
        &OUTPUTS
    }
}

/// Gives the caller an `option<own<T>>`, with the resource if the descriptor is a terminal.
fn get<T: Resource>(host: Fd, terminal: T, result: u32, caller: &Caller) {
    caller.check();
    let fields = caller.fields(result, 8, 4);
    let is_terminal = file::is_terminal(host);
    fields.u8(0, is_terminal.into());
    if is_terminal {
        fields.u32(4, caller.own(terminal));
    }
}

fn drop<T: Resource>(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<T>(handle) {
        T::remove(number);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stdin_get_terminal_stdin(result: u32, caller: &Caller) {
    get(0, TerminalInput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stdout_get_terminal_stdout(result: u32, caller: &Caller) {
    get(1, TerminalOutput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_stderr_get_terminal_stderr(result: u32, caller: &Caller) {
    get(2, TerminalOutput, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_input_terminal_input_drop(handle: u32, caller: &Caller) {
    drop::<TerminalInput>(handle, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_terminal_output_terminal_output_drop(handle: u32, caller: &Caller) {
    drop::<TerminalOutput>(handle, caller);
}
