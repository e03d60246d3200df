//! `wasi:cli/exit`.

use wasm_aot_abi::trap::Trap;

use crate::component::{Caller, violation};
#[cfg(feature = "servers")]
use crate::server::{self, Outcome};
use crate::sys;

/// The argument is a `result`: 0 for success, 1 for an error.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_exit_exit(status: u32, caller: &Caller) -> ! {
    caller.check();
    if status > 1 {
        violation(Trap::InvalidDiscriminant);
    }
    sys::exit(status as i32)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_cli_exit_exit_with_code(code: u32, caller: &Caller) -> ! {
    caller.check();
    sys::exit(i32::from(code as u8))
}

/// In a server, it ends the instance: what isn't answered by then isn't answered.
#[cfg(feature = "servers")]
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_server_cli_exit_exit(status: u32, caller: &Caller) -> ! {
    caller.check();
    if status > 1 {
        violation(Trap::InvalidDiscriminant);
    }
    server::leave(Outcome::Left);
    sys::exit(status as i32)
}

/// The same.
#[cfg(feature = "servers")]
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_server_cli_exit_exit_with_code(code: u32, caller: &Caller) -> ! {
    caller.check();
    server::leave(Outcome::Left);
    sys::exit(i32::from(code as u8))
}
