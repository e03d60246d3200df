//! Clocks.

use libc::{CLOCK_REALTIME, CLOCK_UPTIME_RAW, timespec};

use super::Result;
use super::error::check;

pub use crate::sys::types::Clock;

impl Clock {
    fn id(self) -> libc::clockid_t {
        match self {
            Clock::Realtime => CLOCK_REALTIME,
            // Stands still while the machine sleeps, as on Linux.
            Clock::Monotonic => CLOCK_UPTIME_RAW,
        }
    }
}

fn nanoseconds(time: &timespec) -> u64 {
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Converts nanoseconds.
pub(super) fn timespec_of(nanoseconds: u64) -> timespec {
    timespec { tv_sec: (nanoseconds / 1_000_000_000) as i64, tv_nsec: (nanoseconds % 1_000_000_000) as i64 }
}

/// Nanoseconds.
pub fn now(clock: Clock) -> Result<u64> {
    let mut time = timespec_of(0);
    // SAFETY: writes `time`.
    check(unsafe { libc::clock_gettime(clock.id(), &raw mut time) })?;
    Ok(nanoseconds(&time))
}

/// The system's function makes no system call.
pub use self::now as now_often;

/// Nanoseconds between two ticks.
pub fn resolution(clock: Clock) -> Result<u64> {
    let mut time = timespec_of(0);
    // SAFETY: writes `time`.
    check(unsafe { libc::clock_getres(clock.id(), &raw mut time) })?;
    Ok(nanoseconds(&time))
}

/// Lets time pass, perhaps less if a signal arrives.
pub(super) fn sleep(nanoseconds: u64) {
    let time = timespec_of(nanoseconds);
    // SAFETY: reads `time`.
    unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
}

/// Lets others run.
pub fn yield_now() {
    // SAFETY: takes no pointers.
    unsafe { libc::sched_yield() };
}
