//! Waiting for descriptors and time. Only pipes, consoles and sockets can be waited for; files are always ready.
//! Pipes say nothing when something arrives, so they are looked at again and again.

use core::ptr;

use super::Result;
use super::api::{GetFileType, HANDLE, PeekNamedPipe, Sleep, WaitForSingleObject};
use super::file::{FILE_TYPE_CHAR, FILE_TYPE_PIPE, Fd, handle};
use super::socket::{self, Sockets};

/// Milliseconds between two looks.
pub const INTERVAL: u64 = 10;

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
        self.fd >= socket::SOCKET
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
    let others = look_at_others(fds);
    let timeout = timeout.map(|timeout| timeout.div_ceil(1_000_000));
    if let Some(sockets) = socket::sockets()
        && fds.iter().any(PollFd::is_socket)
    {
        return poll_sockets(sockets, fds, if others == 0 { timeout } else { Some(0) });
    }
    if others == 0 && timeout != Some(0) {
        let most = if fds.is_empty() { u64::from(u32::MAX - 1) } else { INTERVAL };
        let milliseconds = timeout.map_or(most, |timeout| timeout.min(most));
        // SAFETY: takes no pointers.
        unsafe { Sleep(milliseconds as u32) };
    }
    Ok(others)
}

/// As `poll`, with milliseconds, if sockets are among them: these are waited for, and the others looked at again.
#[cold]
fn poll_sockets(sockets: &Sockets, fds: &mut [PollFd], timeout: Option<u64>) -> Result<usize> {
    let most = if fds.iter().all(PollFd::is_socket) { u64::MAX } else { INTERVAL };
    let timeout = match timeout {
        None if most == u64::MAX => None,
        timeout => Some(timeout.unwrap_or(most).min(most)),
    };
    (sockets.poll)(fds, timeout)?;
    look_at_others(fds);
    Ok(fds.iter().filter(|fd| fd.is_ready()).count())
}

/// Looks at what isn't a socket, and returns how many of these are ready.
fn look_at_others(fds: &mut [PollFd]) -> usize {
    let mut ready = 0;
    for fd in fds.iter_mut().filter(|fd| !fd.is_socket()) {
        if !fd.is_always_ready() {
            fd.look();
        }
        ready += usize::from(fd.is_ready());
    }
    ready
}
