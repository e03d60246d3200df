//! A timer that ends the process.

use core::ffi::c_int;
use core::ptr;

use libc::{ITIMER_REAL, SIGALRM, itimerval, siginfo_t, timeval};

use super::Result;
use super::error::check;
use super::signal::{self, Context};

pub use crate::sys::types::Expired;

static mut EXPIRED: Option<Expired> = None;

/// Has `expired` called on the signal stack when `nanoseconds` of time (not 0) have passed, whatever the process is
/// doing then. Called once.
pub fn start(nanoseconds: u64, expired: Expired) -> Result<()> {
    // SAFETY: there is one thread, and the timer doesn't run yet.
    unsafe { EXPIRED = Some(expired) };
    signal::direct(SIGALRM, entry);
    let microseconds = nanoseconds.div_ceil(1000);
    let timer = itimerval {
        it_interval: timeval { tv_sec: 0, tv_usec: 0 },
        it_value: timeval {
            tv_sec: (microseconds / 1_000_000).min(MOST_SECONDS) as i64,
            tv_usec: (microseconds % 1_000_000) as i32,
        },
    };
    signal::unblock(&[SIGALRM]);
    // SAFETY: the system reads the timer.
    check(unsafe { libc::setitimer(ITIMER_REAL, &raw const timer, ptr::null_mut()) }).map(drop)
}

/// The system takes no longer times (`setitimer(2)`): three years.
const MOST_SECONDS: u64 = 100_000_000;

/// # Safety
/// Called by the system as a signal handler.
unsafe extern "C" fn entry(_signal: c_int, _info: *const siginfo_t, context: *mut Context) {
    // SAFETY: the context is that of what was interrupted; `start` has set the function.
    unsafe {
        let context = &*context;
        EXPIRED.unwrap_unchecked()(context.fault_pc(0), context)
    }
}
