//! Sockets. The compiler refuses programs for this system that are granted any, so there are no descriptors of
//! sockets, and whatever is asked of one isn't supported.

use super::errno::EOPNOTSUPP;
use super::file::{Fd, IoVec};
use super::{Errno, Result};

/// An address to listen at.
pub struct Address;

impl Address {
    pub fn new(_ip: &[u8], _port: u16) -> Address {
        Address
    }
}

/// How to receive.
#[derive(Clone, Copy)]
pub struct Receive {
    /// Leave what is received in the queue.
    pub peek: bool,
    /// Wait until there is enough for all of the memory.
    pub wait_all: bool,
}

pub fn listen(_address: &Address) -> Result<Fd> {
    Err(Errno(EOPNOTSUPP))
}

pub fn accept(_listener: Fd, _nonblock: bool) -> Result<Fd> {
    Err(Errno(EOPNOTSUPP))
}

/// # Safety
/// None.
pub unsafe fn receive(_socket: Fd, _iovecs: &[IoVec], _how: Receive) -> Result<usize> {
    Err(Errno(EOPNOTSUPP))
}

pub fn shutdown(_socket: Fd, _receiving: bool, _sending: bool) -> Result<()> {
    Err(Errno(EOPNOTSUPP))
}

pub fn available(_socket: Fd) -> Result<u32> {
    Err(Errno(EOPNOTSUPP))
}
