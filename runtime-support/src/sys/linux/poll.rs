//! Waiting for descriptors and time.

use linux_raw_sys::general::{__NR_ppoll, __kernel_timespec};

use super::{Result, check, syscall6};

pub use super::poll_fd::PollFd;

/// Waits until one of `fds` is ready, `timeout` nanoseconds have passed or a signal arrives
/// (`EINTR`); returns how many are ready.
pub fn poll(fds: &mut [PollFd], timeout: Option<u64>) -> Result<usize> {
    let nanoseconds = timeout.unwrap_or(0);
    let mut time = __kernel_timespec {
        tv_sec: (nanoseconds / 1_000_000_000) as i64,
        tv_nsec: (nanoseconds % 1_000_000_000) as i64,
    };
    let time = if timeout.is_some() { &raw mut time as usize } else { 0 };
    // SAFETY: the kernel reads and writes `fds`; it may write the time that is left to `time`,
    // which lives in this frame and isn't read again.
    check(unsafe { syscall6(__NR_ppoll, fds.as_mut_ptr() as usize, fds.len(), time, 0, 0, 0) })
}
