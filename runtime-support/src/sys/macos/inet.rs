//! Internet sockets that a program makes while it runs. None of them ever blocks.

use core::net::SocketAddr;

use libc::{
    F_SETFD, FD_CLOEXEC, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPV6_UNICAST_HOPS, IPV6_V6ONLY,
    SO_ERROR, SO_KEEPALIVE, SO_RCVBUF, SO_REUSEADDR, SO_SNDBUF, SO_SNDLOWAT, SOCK_DGRAM, SOCK_STREAM,
    SOL_SOCKET, TCP_KEEPALIVE, TCP_KEEPCNT, TCP_KEEPINTVL, sockaddr, socklen_t,
};

use super::error::{check, retry};
use super::file::{Fd, close, set_open_mode};
use super::sockaddr::RawAddress;
use super::{Errno, Result};

pub use crate::sys::types::{Family, SocketOption, Transport};
pub(super) use libc::{AF_INET, AF_INET6};

/// The first two fields of an address.
pub(super) fn family_field(family: i32, length: usize) -> [u8; 2] {
    [length as u8, family as u8]
}

/// Opens a socket. One for IPv6 has nothing to do with IPv4.
pub fn open(family: Family, transport: Transport) -> Result<Fd> {
    let family = if family == Family::Ipv4 { AF_INET } else { AF_INET6 };
    let kind = if transport == Transport::Tcp { SOCK_STREAM } else { SOCK_DGRAM };
    // SAFETY: takes no pointers.
    let fd = check(unsafe { libc::socket(family, kind, 0) })? as Fd;
    prepare(fd, family).inspect_err(|_| close(fd))
}

fn prepare(mut fd: Fd, family: i32) -> Result<Fd> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, F_SETFD, FD_CLOEXEC) })?;
    set_open_mode(&mut fd, false, true)?;
    if family == AF_INET6 {
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)?;
    }
    Ok(fd)
}

/// Binds a socket, also to what a connection had that was closed a short while ago.
pub fn bind(fd: Fd, transport: Transport, address: &SocketAddr) -> Result<()> {
    if transport == Transport::Tcp {
        set(fd, SOL_SOCKET, SO_REUSEADDR, 1)?;
    }
    let raw = RawAddress::new(address);
    // SAFETY: the system reads the `length` bytes of the address.
    check(unsafe { libc::bind(fd, (&raw const raw).cast(), raw.length() as socklen_t) }).map(drop)
}

/// Begins to connect a socket (`Errno::INPROGRESS`), or says with whom it exchanges datagrams from now on.
pub fn connect(fd: Fd, address: &SocketAddr) -> Result<()> {
    let raw = RawAddress::new(address);
    // SAFETY: the system reads the `length` bytes of the address.
    match check(unsafe { libc::connect(fd, (&raw const raw).cast(), raw.length() as socklen_t) }) {
        // A call that a signal interrupts goes on by itself.
        Err(Errno::INTR) => Err(Errno::INPROGRESS),
        other => other.map(drop),
    }
}

/// Makes a socket exchange datagrams with anybody again.
pub fn disconnect(fd: Fd) -> Result<()> {
    let raw = RawAddress::EMPTY;
    // SAFETY: the system reads the address, whose family is `AF_UNSPEC`.
    match check(unsafe { libc::connect(fd, (&raw const raw).cast(), RawAddress::BYTES as socklen_t) }) {
        // The errors with which the system reports that it has done so.
        Err(Errno::AFNOSUPPORT | Errno::INVAL) => Ok(()),
        other => other.map(drop),
    }
}

/// How the attempt to connect has ended.
pub fn take_error(fd: Fd) -> Result<()> {
    match get(fd, SOL_SOCKET, SO_ERROR)? {
        0 => Ok(()),
        error => Err(Errno(error)),
    }
}

pub fn listen(fd: Fd, backlog: u32) -> Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::listen(fd, backlog as i32) }).map(drop)
}

/// The address that a socket is bound to.
pub fn local_address(fd: Fd) -> Result<SocketAddr> {
    // SAFETY: the system writes the address and its length.
    address(|raw, length| unsafe { libc::getsockname(fd, raw, length) })
}

/// The address that it is connected to.
pub fn remote_address(fd: Fd) -> Result<SocketAddr> {
    // SAFETY: as above.
    address(|raw, length| unsafe { libc::getpeername(fd, raw, length) })
}

fn address(ask: impl FnOnce(*mut sockaddr, *mut socklen_t) -> i32) -> Result<SocketAddr> {
    let (mut raw, mut length) = (RawAddress::EMPTY, RawAddress::BYTES as socklen_t);
    check(ask((&raw mut raw).cast(), &raw mut length))?;
    raw.get()
}

/// Sends a datagram, to an address unless the socket is connected.
///
/// # Safety
/// `length` bytes at `start` may be read.
pub unsafe fn send(fd: Fd, start: *const u8, length: usize, to: Option<&SocketAddr>) -> Result<()> {
    let raw = to.map(RawAddress::new);
    let (at, bytes) =
        raw.as_ref().map_or((core::ptr::null(), 0), |raw| (core::ptr::from_ref(raw).cast(), raw.length()));
    // SAFETY: the system reads the address; the datagram is the caller's duty.
    retry(|| unsafe { libc::sendto(fd, start.cast(), length, 0, at, bytes as socklen_t) }).map(drop)
}

/// Receives a datagram, as much of it as fits; its length and who sent it.
pub fn receive(fd: Fd, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
    let (mut raw, mut bytes) = (RawAddress::EMPTY, RawAddress::BYTES as socklen_t);
    let (start, length) = (buffer.as_mut_ptr().cast(), buffer.len());
    let (at, bytes) = ((&raw mut raw).cast(), &raw mut bytes);
    // SAFETY: the system writes the buffer, `raw`, which has `bytes` bytes, and `bytes`.
    let received = retry(|| unsafe { libc::recvfrom(fd, start, length, 0, at, bytes) })?;
    Ok((received, raw.get()?))
}

/// Bytes that a TCP socket takes at once whenever it is writable: if there is no room for so many, it isn't.
pub fn send_room(fd: Fd) -> Result<u32> {
    get(fd, SOL_SOCKET, SO_SNDLOWAT)
}

fn number(option: SocketOption) -> (i32, i32) {
    match option {
        SocketOption::KeepAlive => (SOL_SOCKET, SO_KEEPALIVE),
        SocketOption::KeepAliveIdle => (IPPROTO_TCP, TCP_KEEPALIVE),
        SocketOption::KeepAliveInterval => (IPPROTO_TCP, TCP_KEEPINTVL),
        SocketOption::KeepAliveCount => (IPPROTO_TCP, TCP_KEEPCNT),
        SocketOption::HopLimitIpv4 => (IPPROTO_IP, IP_TTL),
        SocketOption::HopLimitIpv6 => (IPPROTO_IPV6, IPV6_UNICAST_HOPS),
        SocketOption::ReceiveBuffer => (SOL_SOCKET, SO_RCVBUF),
        SocketOption::SendBuffer => (SOL_SOCKET, SO_SNDBUF),
    }
}

pub fn option(fd: Fd, option: SocketOption) -> Result<u32> {
    let (level, name) = number(option);
    get(fd, level, name)
}

pub fn set_option(fd: Fd, option: SocketOption, value: u32) -> Result<()> {
    let (level, name) = number(option);
    match (option, set(fd, level, name, value)) {
        // Sizes are wishes: other systems grant as much of one as they can.
        (SocketOption::ReceiveBuffer | SocketOption::SendBuffer, Err(Errno::NOBUFS)) => Ok(()),
        (_, other) => other,
    }
}

fn get(fd: Fd, level: i32, name: i32) -> Result<u32> {
    let (mut value, mut length) = (0u32, size_of::<u32>() as socklen_t);
    // SAFETY: the system writes `value`, which has `length` bytes, and `length`.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) })?;
    Ok(value)
}

fn set(fd: Fd, level: i32, name: i32, value: u32) -> Result<()> {
    // SAFETY: the system reads `value`.
    check(unsafe {
        libc::setsockopt(fd, level, name, (&raw const value).cast(), size_of::<u32>() as socklen_t)
    })
    .map(drop)
}
