//! Internet sockets that a program makes while it runs, by functions of ws2_32. None of them ever blocks.

use core::net::SocketAddr;
use core::ptr;

use super::api::{
    HANDLE, WSAGetLastError, WSASocketW, bind as bind_to, connect as connect_to, getpeername, getsockname,
    getsockopt, listen as listen_at, recvfrom, sendto, setsockopt,
};
use super::process::NONBLOCK;
use super::sockaddr::RawAddress;
use super::sockets;
use super::winsock::{
    self, FIRST_ERROR, IPPROTO_IPV6, IPV6_V6ONLY, SOCK_STREAM, SOL_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT,
    WSA_FLAG_OVERLAPPED, close, descriptor, from_winsock, handle,
};
use super::{Errno, Result};

pub use super::file::Fd;
pub(super) use super::sockets::{AF_INET, AF_INET6};
pub use crate::sys::types::{Family, SocketOption, Transport};

const SOCK_DGRAM: i32 = 2;
const IPPROTO_IP: i32 = 0;
const IPPROTO_TCP: i32 = 6;
const IP_TTL: i32 = 4;
const IPV6_UNICAST_HOPS: i32 = 4;
const SO_KEEPALIVE: i32 = 8;
const SO_SNDBUF: i32 = 0x1001;
const SO_RCVBUF: i32 = 0x1002;
const SO_ERROR: i32 = 0x1007;
const TCP_KEEPIDLE: i32 = 3;
const TCP_KEEPCNT: i32 = 16;
const TCP_KEEPINTVL: i32 = 17;

const WSAEWOULDBLOCK: u32 = 10035;

/// Errors above `FIRST_ERROR` that only these sockets have.
static ERRORS: [(u8, u8); 6] = [
    (39, Errno::DESTADDRREQ.number() as u8),
    (40, Errno::MSGSIZE.number() as u8),
    (42, Errno::NOPROTOOPT.number() as u8),
    (56, Errno::ISCONN.number() as u8),
    (61, Errno::CONNREFUSED.number() as u8),
    (64, Errno::HOSTDOWN.number() as u8),
];

fn error(number: u32) -> Errno {
    match ERRORS.iter().find(|(error, _)| FIRST_ERROR + u32::from(*error) == number) {
        Some(&(_, errno)) => Errno(errno.into()),
        None => from_winsock(number),
    }
}

fn last() -> Errno {
    // SAFETY: takes no pointers.
    error(unsafe { WSAGetLastError() })
}

/// Splits what a function gives back that is -1 if there was an error.
fn check(result: i32) -> Result<usize> {
    usize::try_from(result).map_err(|_| last())
}

/// The first field of an address.
pub(super) fn family_field(family: u16, _length: usize) -> [u8; 2] {
    family.to_ne_bytes()
}

/// Opens a socket. One for IPv6 has nothing to do with IPv4.
pub fn open(family: Family, transport: Transport) -> Result<Fd> {
    winsock::start()?;
    sockets::provide(&winsock::SOCKETS);
    let family = if family == Family::Ipv4 { AF_INET } else { AF_INET6 };
    let kind = if transport == Transport::Tcp { SOCK_STREAM } else { SOCK_DGRAM };
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: no protocol is named.
    let socket = unsafe { WSASocketW(family.into(), kind, 0, ptr::null(), 0, flags) };
    let fd = descriptor(socket, NONBLOCK)?;
    if family == AF_INET6 {
        set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1).inspect_err(|_| close(socket))?;
    }
    Ok(fd)
}

/// Binds a socket. The system does that also to what a connection had that was closed a short while ago.
pub fn bind(fd: Fd, _transport: Transport, address: &SocketAddr) -> Result<()> {
    let raw = RawAddress::new(address);
    // SAFETY: reads the `length` bytes of the address.
    match check(unsafe { bind_to(handle(fd), (&raw const raw).cast(), raw.length() as i32) }) {
        // There is no port left to choose.
        Err(Errno::NOBUFS) => Err(Errno::ADDRINUSE),
        other => other.map(drop),
    }
}

/// Begins to connect a socket (`Errno::INPROGRESS`), or says with whom it exchanges datagrams from now on.
pub fn connect(fd: Fd, address: &SocketAddr) -> Result<()> {
    let raw = RawAddress::new(address);
    // SAFETY: reads the `length` bytes of the address; takes no pointers.
    unsafe {
        match connect_to(handle(fd), (&raw const raw).cast(), raw.length() as i32) {
            0 => Ok(()),
            _ => match WSAGetLastError() {
                WSAEWOULDBLOCK => Err(Errno::INPROGRESS),
                number => Err(error(number)),
            },
        }
    }
}

/// Makes a socket exchange datagrams with anybody again.
pub fn disconnect(fd: Fd) -> Result<()> {
    let raw = RawAddress::EMPTY;
    // SAFETY: reads the address, whose family is `AF_UNSPEC`.
    check(unsafe { connect_to(handle(fd), (&raw const raw).cast(), RawAddress::BYTES as i32) }).map(drop)
}

/// How the attempt to connect has ended.
pub fn take_error(fd: Fd) -> Result<()> {
    match get(fd, SOL_SOCKET, SO_ERROR)? {
        0 => Ok(()),
        number => Err(error(number)),
    }
}

pub fn listen(fd: Fd, backlog: u32) -> Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { listen_at(handle(fd), backlog as i32) }).map(drop)
}

/// The address that a socket is bound to.
pub fn local_address(fd: Fd) -> Result<SocketAddr> {
    // SAFETY: writes the address and its length.
    address(|raw, length| unsafe { getsockname(handle(fd), raw, length) })
}

/// The address that it is connected to.
pub fn remote_address(fd: Fd) -> Result<SocketAddr> {
    // SAFETY: as above.
    address(|raw, length| unsafe { getpeername(handle(fd), raw, length) })
}

fn address(ask: impl FnOnce(*mut u8, *mut i32) -> i32) -> Result<SocketAddr> {
    let (mut raw, mut length) = (RawAddress::EMPTY, RawAddress::BYTES as i32);
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
        raw.as_ref().map_or((ptr::null(), 0), |raw| (ptr::from_ref(raw).cast(), raw.length() as i32));
    // SAFETY: reads the address; the datagram is the caller's duty.
    check(unsafe { sendto(handle(fd), start, length as i32, 0, at, bytes) }).map(drop)
}

/// Receives a datagram, as much of it as fits; its length and who sent it.
pub fn receive(fd: Fd, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
    let (mut raw, mut bytes) = (RawAddress::EMPTY, RawAddress::BYTES as i32);
    let (start, length) = (buffer.as_mut_ptr(), buffer.len() as i32);
    let (at, bytes) = ((&raw mut raw).cast(), &raw mut bytes);
    // SAFETY: writes the buffer, `raw`, which has `bytes` bytes, and `bytes`.
    let received = check(unsafe { recvfrom(handle(fd), start, length, 0, at, bytes) })?;
    Ok((received, raw.get()?))
}

fn number(option: SocketOption) -> (i32, i32) {
    match option {
        SocketOption::KeepAlive => (SOL_SOCKET, SO_KEEPALIVE),
        SocketOption::KeepAliveIdle => (IPPROTO_TCP, TCP_KEEPIDLE),
        SocketOption::KeepAliveInterval => (IPPROTO_TCP, TCP_KEEPINTVL),
        SocketOption::KeepAliveCount => (IPPROTO_TCP, TCP_KEEPCNT),
        SocketOption::HopLimitIpv4 => (IPPROTO_IP, IP_TTL),
        SocketOption::HopLimitIpv6 => (IPPROTO_IPV6, IPV6_UNICAST_HOPS),
        SocketOption::ReceiveBuffer => (SOL_SOCKET, SO_RCVBUF),
        SocketOption::SendBuffer => (SOL_SOCKET, SO_SNDBUF),
    }
}

/// Bytes that a TCP socket takes at once whenever it is writable. Windows takes any number of them then; under Wine it is
/// as on Linux, and a sixth of the kernel's buffer.
pub fn send_room(fd: Fd) -> Result<u32> {
    Ok(option(fd, SocketOption::SendBuffer)? / 6)
}

pub fn option(fd: Fd, option: SocketOption) -> Result<u32> {
    let (level, name) = number(option);
    get(fd, level, name)
}

pub fn set_option(fd: Fd, option: SocketOption, value: u32) -> Result<()> {
    let (level, name) = number(option);
    set(handle(fd), level, name, value)
}

fn get(fd: Fd, level: i32, name: i32) -> Result<u32> {
    let (mut value, mut length) = (0u32, size_of::<u32>() as i32);
    // SAFETY: writes `value`, which has `length` bytes, and `length`.
    check(unsafe { getsockopt(handle(fd), level, name, (&raw mut value).cast(), &raw mut length) })?;
    Ok(value)
}

fn set(socket: HANDLE, level: i32, name: i32, value: u32) -> Result<()> {
    let (at, bytes) = ((&raw const value).cast(), size_of::<u32>() as i32);
    // SAFETY: reads `value`.
    check(unsafe { setsockopt(socket, level, name, at, bytes) }).map(drop)
}
