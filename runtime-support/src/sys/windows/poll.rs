//! Waiting for descriptors and time. Only pipes and consoles can be waited for; files are always ready. Pipes say
//! nothing when something arrives, so they are looked at again and again.

use core::ptr;

use super::Result;
use super::api::{GetFileType, HANDLE, PeekNamedPipe, Sleep, WaitForSingleObject};
use super::file::{FILE_TYPE_CHAR, FILE_TYPE_PIPE, Fd, handle};

/// Milliseconds between two looks.
const INTERVAL: u64 = 10;

/// What to wait for at a descriptor.
#[derive(Clone, Copy)]
pub struct PollFd {
    fd: Fd,
    writes: bool,
    is_ready: bool,
    is_hung_up: bool,
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

    fn look(&mut self) {
        let handle = handle(self.fd);
        // SAFETY: takes no pointers.
        let kind = unsafe { GetFileType(handle) };
        self.is_ready = match kind {
            _ if self.writes => true,
            FILE_TYPE_PIPE => self.look_at_pipe(handle),
            // A console has something if it is signalled.
            // SAFETY: takes no pointers.
            FILE_TYPE_CHAR => unsafe { WaitForSingleObject(handle, 0) == 0 },
            _ => true,
        };
    }

    fn look_at_pipe(&mut self, pipe: HANDLE) -> bool {
        let mut available = 0;
        let none = ptr::null_mut();
        // SAFETY: writes `available`.
        let open = unsafe { PeekNamedPipe(pipe, none, 0, none.cast(), &raw mut available, none.cast()) };
        self.is_hung_up = open == 0;
        open == 0 || available > 0
    }
}

/// Waits until one of `fds` is ready or `timeout` nanoseconds have passed, or less: then none is ready; returns
/// how many are.
pub fn poll(fds: &mut [PollFd], timeout: Option<u64>) -> Result<usize> {
    fds.iter_mut().filter(|fd| !fd.is_always_ready()).for_each(PollFd::look);
    let ready = fds.iter().filter(|fd| fd.is_ready()).count();
    if ready == 0 && timeout != Some(0) {
        let most = if fds.is_empty() { u64::from(u32::MAX - 1) } else { INTERVAL };
        let milliseconds = timeout.map_or(most, |timeout| timeout.div_ceil(1_000_000).min(most));
        // SAFETY: takes no pointers.
        unsafe { Sleep(milliseconds as u32) };
    }
    Ok(ready)
}
