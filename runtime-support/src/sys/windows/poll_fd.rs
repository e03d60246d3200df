//! What to wait for at a descriptor.

use crate::sys::types::Fd;

/// Milliseconds between two looks.
pub const INTERVAL: u64 = 10;

/// Marks descriptors of sockets. No handle has it: a process has at most 2^24 handles, each 4 above the last.
pub const SOCKET: Fd = 1 << 30;

/// What to wait for at a descriptor.
#[derive(Clone, Copy)]
pub struct PollFd {
    pub fd: Fd,
    pub writes: bool,
    pub is_ready: bool,
    pub is_hung_up: bool,
}

impl PollFd {
    pub fn readable(fd: Fd) -> PollFd {
        PollFd { fd, writes: false, is_ready: false, is_hung_up: false }
    }

    pub fn writable(fd: Fd) -> PollFd {
        PollFd { fd, writes: true, is_ready: false, is_hung_up: false }
    }

    /// Whether there is no descriptor to wait for.
    pub fn is_always_ready(&self) -> bool {
        self.fd < 0
    }

    /// Whether it happened, or an error or hang-up did.
    pub fn is_ready(&self) -> bool {
        self.is_ready || self.is_always_ready()
    }

    /// Whether nothing can be sent in either direction any more.
    pub fn is_hung_up(&self) -> bool {
        self.is_hung_up
    }

    pub fn is_socket(&self) -> bool {
        self.fd >= SOCKET
    }
}
