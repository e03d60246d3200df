//! Sockets: what every program has of them. What they do is in `winsock`, and only programs that listen have that: until
//! the first listener there are no descriptors of sockets.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::Result;
use super::poll_fd::PollFd;
use crate::sys::types::{Fd, IoVec, Receive};

pub use super::poll_fd::SOCKET;

/// An address to listen at; the system's `struct sockaddr_in` or `sockaddr_in6`.
pub struct Address {
    pub bytes: [u8; 28],
    pub length: usize,
}

pub const AF_INET: u16 = 2;
pub const AF_INET6: u16 = 23;

impl Address {
    /// Of an IP address in network order: 4 or 16 bytes.
    pub fn new(ip: &[u8], port: u16) -> Address {
        let (family, start, length) = if ip.len() == 4 { (AF_INET, 4, 16) } else { (AF_INET6, 8, 28) };
        let mut bytes = [0; 28];
        for (offset, field) in [(0, family.to_ne_bytes()), (2, port.to_be_bytes())] {
            bytes.iter_mut().skip(offset).zip(field).for_each(|(to, from)| *to = from);
        }
        bytes.iter_mut().skip(start).zip(ip).for_each(|(to, from)| *to = *from);
        Address { bytes, length }
    }

    pub fn family(&self) -> u16 {
        if self.length == 16 { AF_INET } else { AF_INET6 }
    }
}

/// What can be done with descriptors of sockets.
pub struct Sockets {
    pub accept: fn(Fd, bool) -> Result<Fd>,
    pub receive: unsafe fn(Fd, &[IoVec], Receive) -> Result<usize>,
    pub send: unsafe fn(Fd, &[IoVec]) -> Result<usize>,
    pub shutdown: fn(Fd, bool, bool) -> Result<()>,
    pub available: fn(Fd) -> Result<u32>,
    pub duplicate: fn(Fd) -> Result<Fd>,
    pub close: fn(Fd),
    pub close_all: fn(),
    /// Looks at the sockets among them, for at most this many milliseconds, until one is ready.
    pub poll: fn(&mut [PollFd], Option<u64>) -> Result<()>,
}

/// Null until there is a listener. Exported, so that link-time optimisation can't see what `provide` stores, and put
/// the code in its place.
#[unsafe(export_name = "wasm_aot_sockets")]
static SOCKETS: AtomicPtr<Sockets> = AtomicPtr::new(ptr::null_mut());

/// The functions, if there is any socket.
#[inline(always)]
pub fn sockets() -> Option<&'static Sockets> {
    // SAFETY: null or what `provide` stored.
    unsafe { SOCKETS.load(Ordering::Relaxed).as_ref() }
}

/// The functions, if this is the descriptor of a socket.
#[inline(always)]
pub fn of(fd: Fd) -> Option<&'static Sockets> {
    if fd >= SOCKET { sockets() } else { None }
}

/// From now on there are sockets.
pub fn provide(sockets: &'static Sockets) {
    SOCKETS.store(ptr::from_ref(sockets).cast_mut(), Ordering::Relaxed);
}
