//! Clocks.

use linux_raw_sys::general::{
    __NR_clock_getres, __NR_clock_gettime, __NR_sched_yield, __kernel_timespec, CLOCK_MONOTONIC,
    CLOCK_REALTIME,
};

use super::{Result, check, syscall3, vdso};

pub use crate::sys::types::Clock;

fn id(clock: Clock) -> u32 {
    match clock {
        Clock::Realtime => CLOCK_REALTIME,
        Clock::Monotonic => CLOCK_MONOTONIC,
    }
}

fn nanoseconds(time: &__kernel_timespec) -> u64 {
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Nanoseconds.
pub fn now(clock: Clock) -> Result<u64> {
    ask(__NR_clock_gettime, clock)
}

/// The same, by the kernel's code in the process.
pub fn now_often(clock: Clock) -> Result<u64> {
    let Some(clock_gettime) = vdso::clock_gettime() else { return now(clock) };
    let mut time = __kernel_timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes `time`.
    if unsafe { clock_gettime(id(clock), &raw mut time) } != 0 {
        return now(clock);
    }
    Ok(nanoseconds(&time))
}

/// Nanoseconds between two ticks.
pub fn resolution(clock: Clock) -> Result<u64> {
    ask(__NR_clock_getres, clock)
}

fn ask(number: u32, clock: Clock) -> Result<u64> {
    let mut time = __kernel_timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes `time`.
    check(unsafe { syscall3(number, id(clock) as usize, &raw mut time as usize, 0) })?;
    Ok(nanoseconds(&time))
}

/// Lets others run.
pub fn yield_now() {
    // SAFETY: takes no pointers.
    unsafe { syscall3(__NR_sched_yield, 0, 0, 0) };
}
