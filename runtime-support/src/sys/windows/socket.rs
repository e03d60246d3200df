//! Stream sockets: listening, accepting, receiving, shutting down.

use super::file::{Fd, IoVec};
use super::sockets::{self, Sockets, of};
use super::winsock;
use super::{Errno, Result};

pub use super::sockets::Address;
pub use crate::sys::types::Receive;

fn get(fd: Fd) -> Result<&'static Sockets> {
    of(fd).ok_or(Errno::BADF)
}

/// Opens a socket that listens and doesn't block.
pub fn listen(address: &Address) -> Result<Fd> {
    let listener = winsock::listen(address)?;
    sockets::provide(&winsock::SOCKETS);
    Ok(listener)
}

/// Takes a connection that waits.
pub fn accept(listener: Fd, nonblock: bool) -> Result<Fd> {
    (get(listener)?.accept)(listener, nonblock)
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn receive(socket: Fd, iovecs: &[IoVec], how: Receive) -> Result<usize> {
    // SAFETY: as the caller promises.
    unsafe { (get(socket)?.receive)(socket, iovecs, how) }
}

/// Ends one direction or both.
pub fn shutdown(socket: Fd, receiving: bool, sending: bool) -> Result<()> {
    (get(socket)?.shutdown)(socket, receiving, sending)
}

/// How many bytes can be received at once.
pub fn available(socket: Fd) -> Result<u32> {
    (get(socket)?.available)(socket)
}
