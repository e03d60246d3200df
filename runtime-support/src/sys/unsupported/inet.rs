//! Internet sockets that a program makes while it runs.

use core::net::SocketAddr;

use super::file::Fd;
use super::{Errno, Result};

pub use crate::sys::types::{Family, SocketOption, Transport};

pub fn open(_family: Family, _transport: Transport) -> Result<Fd> {
    Err(Errno::NOSYS)
}

pub fn bind(_fd: Fd, _transport: Transport, _address: &SocketAddr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn connect(_fd: Fd, _address: &SocketAddr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn disconnect(_fd: Fd) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn take_error(_fd: Fd) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn listen(_fd: Fd, _backlog: u32) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn local_address(_fd: Fd) -> Result<SocketAddr> {
    Err(Errno::NOSYS)
}

pub fn remote_address(_fd: Fd) -> Result<SocketAddr> {
    Err(Errno::NOSYS)
}

/// # Safety
/// `length` bytes at `start` may be read.
pub unsafe fn send(_fd: Fd, _start: *const u8, _length: usize, _to: Option<&SocketAddr>) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn receive(_fd: Fd, _buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
    Err(Errno::NOSYS)
}

pub fn send_room(_fd: Fd) -> Result<u32> {
    Err(Errno::NOSYS)
}

pub fn option(_fd: Fd, _option: SocketOption) -> Result<u32> {
    Err(Errno::NOSYS)
}

pub fn set_option(_fd: Fd, _option: SocketOption, _value: u32) -> Result<()> {
    Err(Errno::NOSYS)
}
