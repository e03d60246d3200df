//! A timer that ends the process.

use linux_raw_sys::general::{__NR_rt_sigprocmask, __NR_setitimer, ITIMER_REAL, SIG_UNBLOCK, SIGALRM};

use super::signal::{self, EntryPoint};
use super::{Result, check, syscall3, syscall6};

/// `struct itimerval` of 64-bit systems: interval and time, each as seconds and microseconds.
type Timer = [u64; 4];

/// Has `entry` called on the signal stack when `nanoseconds` of time (not 0) have passed, whatever the process is
/// doing then.
pub fn start(nanoseconds: u64, entry: EntryPoint) -> Result<()> {
    signal::direct(SIGALRM, entry);
    let microseconds = nanoseconds.div_ceil(1000);
    let timer: Timer = [0, 0, microseconds / 1_000_000, microseconds % 1_000_000];
    let mask = 1_u64 << (SIGALRM - 1);
    // SAFETY: the kernel reads the mask and the timer.
    unsafe {
        // Whoever started the process may have blocked it.
        syscall6(__NR_rt_sigprocmask, SIG_UNBLOCK as usize, &raw const mask as usize, 0, 8, 0, 0);
        check(syscall3(__NR_setitimer, ITIMER_REAL as usize, &raw const timer as usize, 0)).map(drop)
    }
}
