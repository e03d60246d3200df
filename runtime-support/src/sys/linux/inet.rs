//! Internet sockets that a program makes while it runs. None of them ever blocks.

use core::net::SocketAddr;

use linux_raw_sys::general::{
    __NR_bind, __NR_connect, __NR_getpeername, __NR_getsockname, __NR_getsockopt, __NR_listen, __NR_recvfrom,
    __NR_sendto, __NR_setsockopt, __NR_socket, O_CLOEXEC, O_NONBLOCK,
};
use linux_raw_sys::net::{
    AF_UNSPEC, IP_TTL, IPPROTO_IPV6, IPPROTO_TCP, IPV6_UNICAST_HOPS, IPV6_V6ONLY, SO_ERROR, SO_KEEPALIVE,
    SO_RCVBUF, SO_REUSEADDR, SO_SNDBUF, SOCK_DGRAM, SOCK_STREAM, SOL_IP, SOL_SOCKET, TCP_KEEPCNT,
    TCP_KEEPIDLE, TCP_KEEPINTVL,
};

use super::file::{Fd, close, retry};
use super::sockaddr::RawAddress;
use super::{Errno, Result, check, syscall3, syscall6};

pub use crate::sys::types::{Family, SocketOption, Transport};
pub(super) use linux_raw_sys::net::{AF_INET, AF_INET6};

/// The first field of an address.
pub(super) fn family_field(family: u32, _length: usize) -> [u8; 2] {
    (family as u16).to_ne_bytes()
}

/// Opens a socket. One for IPv6 has nothing to do with IPv4.
pub fn open(family: Family, transport: Transport) -> Result<Fd> {
    let family = if family == Family::Ipv4 { AF_INET } else { AF_INET6 };
    let kind = O_CLOEXEC | O_NONBLOCK | if transport == Transport::Tcp { SOCK_STREAM } else { SOCK_DGRAM };
    // SAFETY: takes no pointers.
    let fd = check(unsafe { syscall3(__NR_socket, family as usize, kind as usize, 0) })? as Fd;
    if family == AF_INET6 {
        set(fd, IPPROTO_IPV6 as u32, IPV6_V6ONLY, 1).inspect_err(|_| close(fd))?;
    }
    Ok(fd)
}

/// Binds a socket, also to what a connection had that was closed a short while ago.
pub fn bind(fd: Fd, transport: Transport, address: &SocketAddr) -> Result<()> {
    if transport == Transport::Tcp {
        set(fd, SOL_SOCKET, SO_REUSEADDR, 1)?;
    }
    with_address(__NR_bind, fd, address)
}

/// Begins to connect a socket (`Errno::INPROGRESS`), or says with whom it exchanges datagrams from now on.
pub fn connect(fd: Fd, address: &SocketAddr) -> Result<()> {
    match with_address(__NR_connect, fd, address) {
        // Another network interface than before leads there.
        Err(Errno::INVAL) => {
            disconnect(fd)?;
            with_address(__NR_connect, fd, address)
        }
        other => other,
    }
}

fn with_address(number: u32, fd: Fd, address: &SocketAddr) -> Result<()> {
    let raw = RawAddress::new(address);
    // SAFETY: the kernel reads the `length` bytes of the address.
    retry(|| unsafe { syscall3(number, fd as usize, &raw const raw as usize, raw.length()) }).map(drop)
}

/// Makes a socket exchange datagrams with anybody again.
pub fn disconnect(fd: Fd) -> Result<()> {
    let family = AF_UNSPEC as u16;
    // SAFETY: the kernel reads the family only.
    check(unsafe { syscall3(__NR_connect, fd as usize, &raw const family as usize, size_of::<u16>()) })
        .map(drop)
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
    check(unsafe { syscall3(__NR_listen, fd as usize, backlog as usize, 0) }).map(drop)
}

/// The address that a socket is bound to.
pub fn local_address(fd: Fd) -> Result<SocketAddr> {
    address_of(__NR_getsockname, fd)
}

/// The address that it is connected to.
pub fn remote_address(fd: Fd) -> Result<SocketAddr> {
    address_of(__NR_getpeername, fd)
}

fn address_of(number: u32, fd: Fd) -> Result<SocketAddr> {
    let (mut raw, mut length) = (RawAddress::EMPTY, RawAddress::BYTES as u32);
    // SAFETY: the kernel writes `raw`, which has `length` bytes, and `length`.
    check(unsafe { syscall3(number, fd as usize, &raw mut raw as usize, &raw mut length as usize) })?;
    raw.get()
}

/// Sends a datagram, to an address unless the socket is connected.
///
/// # Safety
/// `length` bytes at `start` may be read.
pub unsafe fn send(fd: Fd, start: *const u8, length: usize, to: Option<&SocketAddr>) -> Result<()> {
    let raw = to.map(RawAddress::new);
    let (at, bytes) = raw.as_ref().map_or((0, 0), |raw| (&raw const *raw as usize, raw.length()));
    // SAFETY: the kernel reads the address; the datagram is the caller's duty.
    retry(|| unsafe { syscall6(__NR_sendto, fd as usize, start as usize, length, 0, at, bytes) }).map(drop)
}

/// Receives a datagram, as much of it as fits; its length and who sent it.
pub fn receive(fd: Fd, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
    let (mut raw, mut bytes) = (RawAddress::EMPTY, RawAddress::BYTES as u32);
    let (start, length) = (buffer.as_mut_ptr() as usize, buffer.len());
    let (at, bytes) = (&raw mut raw as usize, &raw mut bytes as usize);
    // SAFETY: the kernel writes the buffer, `raw`, which has `bytes` bytes, and `bytes`.
    let received = retry(|| unsafe { syscall6(__NR_recvfrom, fd as usize, start, length, 0, at, bytes) })?;
    Ok((received, raw.get()?))
}

/// Bytes that a TCP socket takes at once whenever it is writable. Then a third of the kernel's buffer is free: half of that
/// is for the bytes, and half for what the kernel keeps with them, which `option` leaves out.
pub fn send_room(fd: Fd) -> Result<u32> {
    Ok(option(fd, SocketOption::SendBuffer)? / 3)
}

fn number(option: SocketOption) -> (u32, u32) {
    match option {
        SocketOption::KeepAlive => (SOL_SOCKET, SO_KEEPALIVE),
        SocketOption::KeepAliveIdle => (IPPROTO_TCP as u32, TCP_KEEPIDLE),
        SocketOption::KeepAliveInterval => (IPPROTO_TCP as u32, TCP_KEEPINTVL),
        SocketOption::KeepAliveCount => (IPPROTO_TCP as u32, TCP_KEEPCNT),
        SocketOption::HopLimitIpv4 => (SOL_IP, IP_TTL),
        SocketOption::HopLimitIpv6 => (IPPROTO_IPV6 as u32, IPV6_UNICAST_HOPS),
        SocketOption::ReceiveBuffer => (SOL_SOCKET, SO_RCVBUF),
        SocketOption::SendBuffer => (SOL_SOCKET, SO_SNDBUF),
    }
}

pub fn option(fd: Fd, option: SocketOption) -> Result<u32> {
    let (level, name) = number(option);
    let value = get(fd, level, name)?;
    Ok(match option {
        // The kernel counts what it needs for itself, too.
        SocketOption::ReceiveBuffer | SocketOption::SendBuffer => value / 2,
        _ => value,
    })
}

pub fn set_option(fd: Fd, option: SocketOption, value: u32) -> Result<()> {
    let (level, name) = number(option);
    set(fd, level, name, value)
}

fn get(fd: Fd, level: u32, name: u32) -> Result<u32> {
    let (mut value, mut length) = (0u32, size_of::<u32>() as u32);
    let (at, bytes) = (&raw mut value as usize, &raw mut length as usize);
    // SAFETY: the kernel writes `value`, which has `length` bytes, and `length`.
    check(unsafe { syscall6(__NR_getsockopt, fd as usize, level as usize, name as usize, at, bytes, 0) })?;
    Ok(value)
}

fn set(fd: Fd, level: u32, name: u32, value: u32) -> Result<()> {
    let (at, bytes) = (&raw const value as usize, size_of::<u32>());
    // SAFETY: the kernel reads `value`.
    check(unsafe { syscall6(__NR_setsockopt, fd as usize, level as usize, name as usize, at, bytes, 0) })
        .map(drop)
}
