//! Stream sockets.

use super::file::{Fd, IoVec};
use super::{Errno, Result};

pub use crate::sys::types::Receive;

/// An address to listen at.
pub struct Address(());

impl Address {
    pub fn new(_ip: &[u8], _port: u16) -> Address {
        Address(())
    }
}

pub fn listen(_address: &Address) -> Result<Fd> {
    Err(Errno::NOSYS)
}

pub fn accept(_listener: Fd, _nonblock: bool) -> Result<Fd> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn receive(_socket: Fd, _iovecs: &[IoVec], _how: Receive) -> Result<usize> {
    Err(Errno::NOSYS)
}

pub fn shutdown(_socket: Fd, _receiving: bool, _sending: bool) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn available(_socket: Fd) -> Result<u32> {
    Err(Errno::NOSYS)
}
