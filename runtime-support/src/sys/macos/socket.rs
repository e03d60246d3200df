//! Stream sockets: listening, accepting, receiving, shutting down. What they send and receive goes
//! through `file::read` and `file::write`, too.

use core::ptr;

use libc::{
    AF_INET, AF_INET6, F_SETFD, FD_CLOEXEC, FIONREAD, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR,
    SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, msghdr,
};

use super::Result;
use super::error::{check, retry};
use super::file::{Fd, IoVec, close, set_open_mode};

pub use crate::sys::types::Receive;

/// An address to listen at; the system's `struct sockaddr_in` or `sockaddr_in6`.
pub struct Address {
    bytes: [u8; 28],
    length: u8,
}

impl Address {
    /// Of an IP address in network order: 4 or 16 bytes.
    pub fn new(ip: &[u8], port: u16) -> Address {
        let (family, start, length) = if ip.len() == 4 { (AF_INET, 4, 16) } else { (AF_INET6, 8, 28) };
        let [high, low] = port.to_be_bytes();
        let mut bytes = [0; 28];
        bytes.iter_mut().zip([length, family as u8, high, low]).for_each(|(to, from)| *to = from);
        bytes.iter_mut().skip(start).zip(ip).for_each(|(to, from)| *to = *from);
        Address { bytes, length }
    }
}

/// Connections that wait to be accepted, at most; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// Opens a socket that listens and doesn't block.
pub fn listen(address: &Address) -> Result<Fd> {
    let [_, family, ..] = address.bytes;
    // SAFETY: takes no pointers.
    let fd = check(unsafe { libc::socket(family.into(), SOCK_STREAM, 0) })? as Fd;
    prepare(fd, true).and_then(|fd| listen_with(fd, address)).inspect_err(|_| close(fd))?;
    Ok(fd)
}

/// Sets what a new socket has from elsewhere, or not at all.
fn prepare(mut fd: Fd, nonblock: bool) -> Result<Fd> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, F_SETFD, FD_CLOEXEC) })?;
    set_open_mode(&mut fd, false, nonblock)?;
    Ok(fd)
}

fn listen_with(fd: Fd, address: &Address) -> Result<()> {
    let on = 1i32;
    let (value, size) = ((&raw const on).cast(), size_of::<i32>() as u32);
    // SAFETY: the system reads `on` and the `length` bytes of the address.
    unsafe {
        check(libc::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, value, size))?;
        check(libc::bind(fd, address.bytes.as_ptr().cast(), address.length.into()))?;
        check(libc::listen(fd, BACKLOG))?;
    }
    Ok(())
}

/// Takes a connection that waits.
pub fn accept(listener: Fd, nonblock: bool) -> Result<Fd> {
    // SAFETY: the address isn't asked for.
    let fd = retry(|| unsafe { libc::accept(listener, ptr::null_mut(), ptr::null_mut()) })? as Fd;
    // It doesn't block if the listener doesn't.
    prepare(fd, nonblock).inspect_err(|_| close(fd))
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn receive(socket: Fd, iovecs: &[IoVec], how: Receive) -> Result<usize> {
    let mut message = msghdr {
        msg_name: ptr::null_mut(),
        msg_namelen: 0,
        msg_iov: iovecs.as_ptr().cast_mut().cast(),
        msg_iovlen: iovecs.len() as i32,
        msg_control: ptr::null_mut(),
        msg_controllen: 0,
        msg_flags: 0,
    };
    let flags = if how.peek { MSG_PEEK } else { 0 } | if how.wait_all { MSG_WAITALL } else { 0 };
    // SAFETY: the system reads and writes `message` and reads `iovecs`; the memory they describe is
    // the caller's duty.
    retry(|| unsafe { libc::recvmsg(socket, &raw mut message, flags) })
}

/// Ends one direction or both.
pub fn shutdown(socket: Fd, receiving: bool, sending: bool) -> Result<()> {
    let how = match (receiving, sending) {
        (true, true) => SHUT_RDWR,
        (true, false) => SHUT_RD,
        _ => SHUT_WR,
    };
    // SAFETY: takes no pointers.
    check(unsafe { libc::shutdown(socket, how) }).map(drop)
}

/// How many bytes can be received at once.
pub fn available(socket: Fd) -> Result<u32> {
    let mut bytes = 0i32;
    // SAFETY: the system writes `bytes`.
    check(unsafe { libc::ioctl(socket, FIONREAD, &raw mut bytes) })?;
    Ok(bytes as u32)
}
