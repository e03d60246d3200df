//! Waiting for descriptors and time.

use super::file::Fd;
use super::{Errno, Result};

/// What to wait for at a descriptor.
#[derive(Clone, Copy)]
pub struct PollFd(Fd);

impl PollFd {
    pub fn readable(fd: Fd) -> PollFd {
        PollFd(fd)
    }

    pub fn writable(fd: Fd) -> PollFd {
        PollFd(fd)
    }

    pub fn is_always_ready(&self) -> bool {
        self.0 < 0
    }

    pub fn is_ready(&self) -> bool {
        self.is_always_ready()
    }

    pub fn is_hung_up(&self) -> bool {
        false
    }
}

pub fn poll(_fds: &mut [PollFd], _timeout: Option<u64>) -> Result<usize> {
    Err(Errno::NOSYS)
}
