//! Stream sockets: listening, accepting, receiving, shutting down. What they send and receive goes
//! through `file::read` and `file::write`, too.

use core::ptr;

use linux_raw_sys::general::{
    __NR_accept4, __NR_bind, __NR_ioctl, __NR_listen, __NR_recvmsg, __NR_setsockopt, __NR_shutdown,
    __NR_socket, O_CLOEXEC, O_NONBLOCK,
};
use linux_raw_sys::ioctl::FIONREAD;
use linux_raw_sys::net::{
    AF_INET, AF_INET6, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR, SO_REUSEADDR, SOCK_STREAM,
    SOL_SOCKET, msghdr,
};

use super::file::{Fd, IoVec, close, retry};
use super::{Result, check, syscall3, syscall6};

pub use crate::sys::types::Receive;

/// An address to listen at; the kernel's `struct sockaddr_in` or `sockaddr_in6`.
pub struct Address {
    bytes: [u8; 28],
    length: usize,
}

impl Address {
    /// Of an IP address in network order: 4 or 16 bytes.
    pub fn new(ip: &[u8], port: u16) -> Address {
        let (family, start, length) = if ip.len() == 4 { (AF_INET, 4, 16) } else { (AF_INET6, 8, 28) };
        let mut bytes = [0; 28];
        let fields = [(0, (family as u16).to_ne_bytes()), (2, port.to_be_bytes())];
        for (offset, field) in fields {
            bytes.iter_mut().skip(offset).zip(field).for_each(|(to, from)| *to = from);
        }
        bytes.iter_mut().skip(start).zip(ip).for_each(|(to, from)| *to = *from);
        Address { bytes, length }
    }

    fn family(&self) -> u32 {
        if self.length == 16 { AF_INET } else { AF_INET6 }
    }
}

/// Connections that wait to be accepted, at most; the kernel may allow fewer.
const BACKLOG: usize = 4096;

/// Opens a socket that listens and doesn't block.
pub fn listen(address: &Address) -> Result<Fd> {
    let kind = (SOCK_STREAM | O_CLOEXEC | O_NONBLOCK) as usize;
    // SAFETY: takes no pointers.
    let fd = check(unsafe { syscall3(__NR_socket, address.family() as usize, kind, 0) })?;
    listen_with(fd, address).inspect_err(|_| close(fd as Fd))?;
    Ok(fd as Fd)
}

fn listen_with(fd: usize, address: &Address) -> Result<()> {
    let on = 1u32;
    let (option, value) = (SO_REUSEADDR as usize, &raw const on as usize);
    // SAFETY: the kernel reads `on` and the `length` bytes of the address.
    unsafe {
        check(syscall6(__NR_setsockopt, fd, SOL_SOCKET as usize, option, value, size_of::<u32>(), 0))?;
        check(syscall3(__NR_bind, fd, address.bytes.as_ptr() as usize, address.length))?;
        check(syscall3(__NR_listen, fd, BACKLOG, 0))?;
    }
    Ok(())
}

/// Takes a connection that waits.
pub fn accept(listener: Fd, nonblock: bool) -> Result<Fd> {
    let flags = O_CLOEXEC | if nonblock { O_NONBLOCK } else { 0 };
    // SAFETY: the address isn't asked for.
    retry(|| unsafe { syscall6(__NR_accept4, listener as usize, 0, 0, flags as usize, 0, 0) })
        .map(|fd| fd as Fd)
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn receive(socket: Fd, iovecs: &[IoVec], how: Receive) -> Result<usize> {
    let mut message = msghdr {
        msg_name: ptr::null_mut(),
        msg_namelen: 0,
        msg_iov: iovecs.as_ptr().cast_mut().cast(),
        msg_iovlen: iovecs.len() as _,
        msg_control: ptr::null_mut(),
        msg_controllen: 0,
        msg_flags: 0,
    };
    let flags = if how.peek { MSG_PEEK } else { 0 } | if how.wait_all { MSG_WAITALL } else { 0 };
    let pointer = &raw mut message as usize;
    // SAFETY: the kernel reads and writes `message` and reads `iovecs`; the memory they describe is
    // the caller's duty.
    retry(|| unsafe { syscall3(__NR_recvmsg, socket as usize, pointer, flags as usize) })
}

/// Ends one direction or both.
pub fn shutdown(socket: Fd, receiving: bool, sending: bool) -> Result<()> {
    let how = match (receiving, sending) {
        (true, true) => SHUT_RDWR,
        (true, false) => SHUT_RD,
        _ => SHUT_WR,
    };
    // SAFETY: takes no pointers.
    check(unsafe { syscall3(__NR_shutdown, socket as usize, how as usize, 0) }).map(drop)
}

/// How many bytes can be received at once.
pub fn available(socket: Fd) -> Result<u32> {
    let mut bytes = 0i32;
    let pointer = &raw mut bytes as usize;
    // SAFETY: the kernel writes `bytes`.
    check(unsafe { syscall3(__NR_ioctl, socket as usize, FIONREAD as usize, pointer) })?;
    Ok(bytes as u32)
}
