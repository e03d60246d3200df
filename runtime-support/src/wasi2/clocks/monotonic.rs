//! `wasi:clocks/monotonic-clock`.

use crate::component::Caller;
use crate::sys::clock::{self, Clock};
use crate::wasi2::io::poll::{Event, Pollable};

fn now() -> u64 {
    // It doesn't fail on the systems that there are.
    clock::now_often(Clock::Monotonic).unwrap_or(0)
}

fn subscribe(deadline: u64, caller: &Caller) -> u32 {
    caller.own(Pollable { event: Event::Deadline(deadline), parent: None })
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_monotonic_clock_now(caller: &Caller) -> u64 {
    caller.check();
    now()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_monotonic_clock_resolution(caller: &Caller) -> u64 {
    caller.check();
    clock::resolution(Clock::Monotonic).unwrap_or(1)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_monotonic_clock_subscribe_instant(when: u64, caller: &Caller) -> u32 {
    caller.check();
    subscribe(when, caller)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_monotonic_clock_subscribe_duration(
    duration: u64,
    caller: &Caller,
) -> u32 {
    caller.check();
    subscribe(now().saturating_add(duration), caller)
}
