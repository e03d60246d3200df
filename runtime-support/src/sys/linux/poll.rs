//! Waiting for descriptors and time.

use linux_raw_sys::general::{__NR_ppoll, __kernel_timespec, POLLHUP, POLLIN, POLLOUT};

use super::file::Fd;
use super::{Result, check, syscall6};

/// What to wait for at a descriptor; the kernel's `struct pollfd`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PollFd {
    fd: Fd,
    events: i16,
    revents: i16,
}

impl PollFd {
    pub fn readable(fd: Fd) -> PollFd {
        PollFd { fd, events: POLLIN as i16, revents: 0 }
    }

    pub fn writable(fd: Fd) -> PollFd {
        PollFd { fd, events: POLLOUT as i16, revents: 0 }
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
        i32::from(self.revents) & POLLHUP as i32 != 0
    }
}

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
