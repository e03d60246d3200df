//! Waiting for descriptors and time. Only pipes, consoles and sockets can be waited for; files are always ready.
//! Pipes say nothing when something arrives, so they are looked at again and again.

use core::ptr;

use super::Result;
use super::api::{GetFileType, HANDLE, PeekNamedPipe, Sleep, WaitForSingleObject};
use super::file::{FILE_TYPE_CHAR, FILE_TYPE_PIPE};
use super::poll_fd::INTERVAL;
use super::process::handle;
use super::sockets::{self, Sockets};

pub use super::poll_fd::PollFd;

/// Waits until one of `fds` is ready or `timeout` nanoseconds have passed, or less: then none is ready; returns
/// how many are.
pub fn poll(fds: &mut [PollFd], timeout: Option<u64>) -> Result<usize> {
    let others = look_at_others(fds);
    let timeout = timeout.map(|timeout| timeout.div_ceil(1_000_000));
    if let Some(sockets) = sockets::sockets()
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
            look(fd);
        }
        ready += usize::from(fd.is_ready());
    }
    ready
}

fn look(fd: &mut PollFd) {
    let handle = handle(fd.fd);
    // SAFETY: takes no pointers.
    let kind = unsafe { GetFileType(handle) };
    fd.is_ready = match kind {
        _ if fd.writes => true,
        FILE_TYPE_PIPE => look_at_pipe(fd, handle),
        // A console has something if it is signalled.
        // SAFETY: takes no pointers.
        FILE_TYPE_CHAR => unsafe { WaitForSingleObject(handle, 0) == 0 },
        _ => true,
    };
}

/// Whether there is something to read, or nobody writes any more.
fn look_at_pipe(fd: &mut PollFd, pipe: HANDLE) -> bool {
    let mut available = 0;
    let none = ptr::null_mut();
    // SAFETY: writes `available`.
    let open = unsafe { PeekNamedPipe(pipe, none, 0, none.cast(), &raw mut available, none.cast()) };
    fd.is_hung_up = open == 0;
    open == 0 || available > 0
}
