//! `wasi:cli/environment`: what `wasi::args` gives to modules, as lists.

use core::convert::Infallible;

use crate::component::Caller;
use crate::wasi::args::{self, Sources};
use crate::wasi::user;

/// Strings of the host, one after the other.
type Strings<'a> = &'a dyn Fn(&mut dyn FnMut(&[u8]));

/// Gives the caller the parts of a string; their pointers and lengths.
type Write<'a> = &'a dyn Fn(&[u8]) -> [(u32, u32); 2];

/// Gives the caller a list of as many elements as there are strings, of this size in bytes; `write` writes the fields of
/// one, which it allocates.
fn list(caller: &Caller, result: u32, strings: Strings<'_>, bytes: u32, write: Write<'_>) {
    let mut count = 0;
    strings(&mut |_| count += 1);
    let pointer = caller.allocate(count * bytes, 4);
    let mut at = 0;
    strings(&mut |string| {
        let written = write(string);
        // Allocating may have moved the memory.
        let elements = caller.elements(pointer, count, bytes, 4);
        for (offset, (start, length)) in (0..bytes).step_by(8).zip(written) {
            elements.u32(at + offset, start);
            elements.u32(at + offset + 4, length);
        }
        at += bytes;
    });
    caller.return_list(result, (pointer, count));
}

/// Gives the caller a `list<tuple<string, string>>`.
fn environment(sources: Sources, result: u32, caller: &Caller) {
    caller.check();
    let variables: Strings<'_> = &|action| {
        let Ok(()) = args::each_variable(sources, |variable| {
            action(variable);
            Ok::<_, Infallible>(())
        });
    };
    list(caller, result, variables, 16, &|variable| {
        let key = user::key(variable);
        let value = variable.get(key.len() + 1..).unwrap_or_default();
        [caller.new_string(key), caller.new_string(value)]
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_environment_get_environment(result: u32, caller: &Caller) {
    environment(args::POLICY, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_user_env_cli_environment_get_environment(result: u32, caller: &Caller) {
    environment(args::user(), result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_native_env_cli_environment_get_environment(result: u32, caller: &Caller) {
    environment(args::native(), result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_environment_get_arguments(result: u32, caller: &Caller) {
    caller.check();
    let arguments: Strings<'_> = &|action| {
        let Ok(()) = args::each_argument(|argument| {
            action(argument);
            Ok::<_, Infallible>(())
        });
    };
    list(caller, result, arguments, 8, &|argument| [caller.new_string(argument), (0, 0)]);
}

/// None, as in wasmtime: what a component reaches is named by its grants.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_environment_initial_cwd(result: u32, caller: &Caller) {
    caller.check();
    caller.fields(result, 12, 4).u8(0, 0);
}
