//! The entry of the executable.

use core::ffi::c_int;

use super::start::{PROCESS, Process};

/// The entry, which the dynamic linker calls as `LC_MAIN` says.
///
/// # Safety
/// `argv` has `argc` strings, `env` is an array that ends with a null pointer.
#[unsafe(export_name = "main")]
unsafe extern "C" fn main(argc: c_int, argv: *const *const u8, env: *const *const u8) -> c_int {
    // SAFETY: as the caller promises; nothing else has run.
    unsafe {
        let mut count = 0;
        while !(*env.add(count)).is_null() {
            count += 1;
        }
        PROCESS = Process {
            arguments: core::slice::from_raw_parts(argv, argc as usize),
            environment: core::slice::from_raw_parts(env, count),
        };
        crate::start::run()
    }
}
