//! `wasi:clocks/wall-clock`.

use crate::component::Caller;
use crate::sys;
use crate::sys::clock::{self, Clock};

/// Gives the caller a `datetime`.
fn answer(ask: fn(Clock) -> sys::Result<u64>, result: u32, caller: &Caller) {
    caller.check();
    // It doesn't fail on the systems that there are.
    let nanoseconds = ask(Clock::Realtime).unwrap_or(0);
    let fields = caller.fields(result, 16, 8);
    fields.u64(0, nanoseconds / 1_000_000_000);
    fields.u32(8, (nanoseconds % 1_000_000_000) as u32);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_wall_clock_now(result: u32, caller: &Caller) {
    answer(clock::now_often, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_clocks_wall_clock_resolution(result: u32, caller: &Caller) {
    answer(clock::resolution, result, caller);
}
