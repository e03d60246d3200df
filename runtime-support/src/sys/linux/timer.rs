//! A timer that ends the process.

use linux_raw_sys::general::{__NR_setitimer, ITIMER_REAL, SIGALRM};

use super::signal::{self, Context};
use super::{Result, check, syscall3};

pub use crate::sys::types::Expired;

/// `struct itimerval` of 64-bit systems: interval and time, each as seconds and microseconds.
type Timer = [u64; 4];

static mut EXPIRED: Option<Expired> = None;

/// Has `expired` called on the signal stack when `nanoseconds` of time (not 0) have passed, whatever the process is
/// doing then. Called once.
pub fn start(nanoseconds: u64, expired: Expired) -> Result<()> {
    // SAFETY: there is one thread, and the timer doesn't run yet.
    unsafe { EXPIRED = Some(expired) };
    signal::direct(SIGALRM, entry);
    let microseconds = nanoseconds.div_ceil(1000);
    let timer: Timer = [0, 0, microseconds / 1_000_000, microseconds % 1_000_000];
    signal::unblock(&(1 << (SIGALRM - 1)));
    // SAFETY: the kernel reads the timer.
    check(unsafe { syscall3(__NR_setitimer, ITIMER_REAL as usize, &raw const timer as usize, 0) }).map(drop)
}

/// # Safety
/// Called by the kernel as a signal handler.
unsafe extern "C" fn entry(signal: i32, info: *const u8, context: *mut Context) {
    // SAFETY: the context is that of what was interrupted; `start` has set the function.
    unsafe {
        if signal::is_sent(info) {
            return signal::pass_on(signal as u32);
        }
        let context = &*context;
        EXPIRED.unwrap_unchecked()(context.fault_pc(signal as u32), context)
    }
}
