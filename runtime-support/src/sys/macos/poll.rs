//! Waiting for descriptors and time.

use libc::{POLLHUP, POLLIN, POLLOUT};

use super::Result;
use super::clock::sleep;
use super::error::check;
use super::file::Fd;

/// What to wait for at a descriptor; the system's `struct pollfd`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PollFd {
    fd: Fd,
    events: i16,
    revents: i16,
}

impl PollFd {
    pub fn readable(fd: Fd) -> PollFd {
        PollFd { fd, events: POLLIN, revents: 0 }
    }

    pub fn writable(fd: Fd) -> PollFd {
        PollFd { fd, events: POLLOUT, revents: 0 }
    }

    /// Whether there is no descriptor to wait for.
    pub fn is_always_ready(&self) -> bool {
        self.fd < 0
    }

    /// Whether it happened, or an error or hang-up did.
    pub fn is_ready(&self) -> bool {
        self.revents != 0 || self.is_always_ready()
    }

    /// Whether nothing can be sent in either direction any more.
    pub fn is_hung_up(&self) -> bool {
        self.revents & POLLHUP != 0
    }
}

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
