//! `proc_exit`, `proc_raise`, `sched_yield`.

use crate::sys;

use super::types::{Errno, answer};

#[cfg(feature = "libraries")]
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_proc_exit(code: u32) -> ! {
    crate::library::leave::exit(code as i32)
}

/// The code reaches the parent as the host has room for it: on Linux, its low 8 bits.
#[cfg(not(feature = "libraries"))]
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_proc_exit(code: u32) -> ! {
    sys::exit(code as i32)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_proc_raise(_signal: u32) -> i32 {
    answer(Err(Errno::NOTSUP))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sched_yield() -> i32 {
    sys::clock::yield_now();
    0
}
