//! `clock_res_get`, `clock_time_get`. The clocks of processor time give `BADF`, as in wasmtime.

use crate::memory::guest;
use crate::sys;
use crate::sys::clock::Clock;

use super::types::{Errno, Result, answer};

/// `clockid`, as far as there are clocks for it.
pub(super) fn clock(id: u32) -> Result<Clock> {
    match id {
        0 => Ok(Clock::Realtime),
        1 => Ok(Clock::Monotonic),
        2 | 3 => Err(Errno::BADF),
        _ => Err(Errno::INVAL),
    }
}

fn ask(id: u32, what: fn(Clock) -> sys::Result<u64>, result: u32) -> Result<()> {
    let value = what(clock(id)?)?;
    guest::write_u64(result, value);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_clock_res_get(id: u32, resolution: u32) -> i32 {
    answer(ask(id, sys::clock::resolution, resolution))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_clock_time_get(id: u32, _precision: u64, time: u32) -> i32 {
    answer(ask(id, sys::clock::now, time))
}
