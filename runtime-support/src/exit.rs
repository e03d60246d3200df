//! The end of a program by what the function that runs it returns.

use crate::sys;

/// `Builtin::CheckResult`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_check_result(result: u32) {
    if result != 0 {
        sys::exit(1)
    }
}
