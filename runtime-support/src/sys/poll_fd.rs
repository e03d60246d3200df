//! What to wait for at a descriptor, in the form of POSIX.

use super::file::Fd;
use super::numbers::{POLLHUP, POLLIN, POLLOUT};

/// `struct pollfd`.
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
