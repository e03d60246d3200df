//! `wasi:clocks`.

use crate::component::{Caller, concurrent};
use crate::sys::clock::{self, Clock};

/// The time that the monotonic clock shows in so many nanoseconds.
fn after(duration: u64) -> u64 {
    // It doesn't fail on the systems that there are.
    clock::now(Clock::Monotonic).unwrap_or(0).saturating_add(duration)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_clocks_system_clock_get_resolution(caller: &Caller) -> u64 {
    caller.check();
    clock::resolution(Clock::Realtime).unwrap_or(1)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_clocks_monotonic_clock_wait_until(when: u64, caller: &Caller) {
    caller.check();
    concurrent::block(when);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_async_clocks_monotonic_clock_wait_until(when: u64, caller: &Caller) -> u32 {
    caller.check();
    concurrent::start(when, caller)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_clocks_monotonic_clock_wait_for(duration: u64, caller: &Caller) {
    caller.check();
    concurrent::block(after(duration));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi3_async_clocks_monotonic_clock_wait_for(
    duration: u64,
    caller: &Caller,
) -> u32 {
    caller.check();
    concurrent::start(after(duration), caller)
}
