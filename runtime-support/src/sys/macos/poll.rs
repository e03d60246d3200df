//! Waiting for descriptors and time.

use super::Result;
use super::clock::sleep;
use super::error::check;

pub use super::poll_fd::PollFd;

/// Waits until one of `fds` is ready, `timeout` nanoseconds have passed or a signal arrives
/// (`EINTR`); returns how many are ready.
pub fn poll(fds: &mut [PollFd], timeout: Option<u64>) -> Result<usize> {
    if let (true, Some(timeout)) = (fds.is_empty(), timeout) {
        // `poll` counts milliseconds.
        sleep(timeout);
        return Ok(0);
    }
    let milliseconds =
        timeout.map_or(-1, |timeout| i32::try_from(timeout.div_ceil(1_000_000)).unwrap_or(i32::MAX));
    // SAFETY: the system reads and writes `fds`.
    check(unsafe { libc::poll(fds.as_mut_ptr().cast(), fds.len() as libc::nfds_t, milliseconds) })
}
