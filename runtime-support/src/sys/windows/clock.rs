//! Clocks.

use super::Result;
use super::api::{
    GetSystemTimePreciseAsFileTime, QueryPerformanceCounter, QueryPerformanceFrequency, SwitchToThread,
};
use super::file::nanoseconds;

pub use crate::sys::types::Clock;

/// Ticks of the performance counter in a second; never 0.
fn frequency() -> u64 {
    let mut frequency = 0;
    // SAFETY: writes `frequency`. It can't fail on the systems that there are.
    unsafe { QueryPerformanceFrequency(&raw mut frequency) };
    frequency.max(1)
}

/// Nanoseconds.
pub fn now(clock: Clock) -> Result<u64> {
    let mut time = 0;
    match clock {
        Clock::Realtime => {
            // SAFETY: writes `time`, as its low and its high half.
            unsafe { GetSystemTimePreciseAsFileTime(&raw mut time) };
            Ok(nanoseconds(time as i64))
        }
        Clock::Monotonic => {
            // SAFETY: writes `time`.
            unsafe { QueryPerformanceCounter(&raw mut time) };
            let frequency = frequency();
            let seconds = (time / frequency).wrapping_mul(1_000_000_000);
            Ok(seconds.wrapping_add(time % frequency * 1_000_000_000 / frequency))
        }
    }
}

/// The system's function makes no system call.
pub use self::now as now_often;

/// Nanoseconds between two ticks.
pub fn resolution(clock: Clock) -> Result<u64> {
    match clock {
        Clock::Realtime => Ok(100),
        Clock::Monotonic => Ok((1_000_000_000 / frequency()).max(1)),
    }
}

/// Lets others run.
pub fn yield_now() {
    // SAFETY: takes no pointers.
    unsafe { SwitchToThread() };
}
