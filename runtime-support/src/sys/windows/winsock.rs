//! What sockets do, by functions of ws2_32. To the system none of them ever blocks (`FIONBIO`), and no process inherits
//! them: whether a descriptor blocks is in its bits, as for files, and those that do wait here (`WSAPoll`).

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::api::{
    GetCurrentProcessId, HANDLE, OVERLAPPED, Sleep, WSABUF, WSADuplicateSocketW, WSAGetLastError, WSAPOLLFD,
    WSAPROTOCOL_INFOW, WSAPoll, WSARecv, WSASend, WSASocketW, WSAStartup, accept, bind, closesocket,
    ioctlsocket, listen as listen_at, setsockopt, shutdown as shut_down,
};
use super::poll_fd::{INTERVAL, PollFd, SOCKET};
use super::process::{MODE, NONBLOCK};
use super::sockets::{AF_INET6, Address, Sockets};
use super::{Errno, Result};
use crate::sys::types::{Fd, IoVec, Receive};

pub static SOCKETS: Sockets = Sockets {
    accept: accept_from,
    receive,
    send,
    shutdown,
    available,
    duplicate,
    close: |fd| close(handle(fd)),
    close_all,
    poll,
};

const INVALID_SOCKET: HANDLE = -1;
pub(super) const SOCK_STREAM: i32 = 1;
pub(super) const WSA_FLAG_OVERLAPPED: u32 = 0x01;
pub(super) const WSA_FLAG_NO_HANDLE_INHERIT: u32 = 0x80;
pub(super) const SOL_SOCKET: i32 = 0xffff;
const SO_EXCLUSIVEADDRUSE: i32 = !4;
pub(super) const IPPROTO_IPV6: i32 = 41;
pub(super) const IPV6_V6ONLY: i32 = 27;
const SOMAXCONN: i32 = i32::MAX;
const FIONBIO: i32 = 0x8004_667e_u32 as i32;
const FIONREAD: i32 = 0x4004_667f;
const MSG_PEEK: u32 = 2;
const POLLERR: i16 = 1;
const POLLHUP: i16 = 2;
const POLLWRNORM: i16 = 0x10;
const POLLRDNORM: i16 = 0x100;

pub(super) const FIRST_ERROR: u32 = 10000;
const WSAEWOULDBLOCK: u32 = 10035;

/// Errors above `FIRST_ERROR`, and what they mean here. All others are `Errno::IO`.
static ERRORS: [(u8, u8); 24] = [
    (4, Errno::INTR.0 as u8),
    (9, Errno::BADF.0 as u8),
    (13, Errno::ACCES.0 as u8),
    (14, Errno::FAULT.0 as u8),
    (22, Errno::INVAL.0 as u8),
    (24, Errno::MFILE.0 as u8),
    (35, Errno::AGAIN.0 as u8),
    (36, Errno::INPROGRESS.0 as u8),
    (37, Errno::ALREADY.0 as u8),
    (38, Errno::BADF.0 as u8), // WSAENOTSOCK
    (45, Errno::NOTSUP.0 as u8),
    (47, Errno::AFNOSUPPORT.0 as u8),
    (48, Errno::ADDRINUSE.0 as u8),
    (49, Errno::ADDRNOTAVAIL.0 as u8),
    (50, Errno::NETDOWN.0 as u8),
    (51, Errno::NETUNREACH.0 as u8),
    (52, Errno::CONNRESET.0 as u8), // WSAENETRESET
    (53, Errno::CONNABORTED.0 as u8),
    (54, Errno::CONNRESET.0 as u8),
    (55, Errno::NOBUFS.0 as u8),
    (57, Errno::NOTCONN.0 as u8),
    (58, Errno::PIPE.0 as u8), // WSAESHUTDOWN
    (60, Errno::TIMEDOUT.0 as u8),
    (65, Errno::HOSTUNREACH.0 as u8),
];

pub(super) fn from_winsock(number: u32) -> Errno {
    let same = ERRORS.iter().find(|(error, _)| FIRST_ERROR + u32::from(*error) == number);
    Errno(same.map_or(Errno::IO.0, |&(_, errno)| errno.into()))
}

fn last() -> Errno {
    // SAFETY: takes no pointers.
    from_winsock(unsafe { WSAGetLastError() })
}

/// Splits what a function gives back that is 0 unless there was an error.
fn check(result: i32) -> Result<()> {
    if result == 0 { Ok(()) } else { Err(last()) }
}

pub(super) fn handle(fd: Fd) -> HANDLE {
    (fd & !SOCKET & !MODE) as HANDLE
}

/// The open sockets, a bit for each: the place is the handle by 4, of which all handles are multiples.
static OPEN: [AtomicU32; 1 << 10] = [const { AtomicU32::new(0) }; 1 << 10];

/// Where the bit of a socket is, if it is a handle that can be a descriptor.
fn open_bit(socket: HANDLE) -> Option<(&'static AtomicU32, u32)> {
    let place = usize::try_from(socket).ok().filter(|handle| handle.is_multiple_of(4))? / 4;
    Some((OPEN.get(place / 32)?, 1 << (place % 32)))
}

pub(super) fn close(socket: HANDLE) {
    if let Some((word, bit)) = open_bit(socket) {
        word.fetch_and(!bit, Ordering::Relaxed);
    }
    // SAFETY: takes no pointers; the caller gives up the socket.
    unsafe { closesocket(socket) };
}

/// Closes all sockets, as the process ends: that what was sent still arrives is documented of `closesocket`, but not of
/// sockets that the system closes itself.
fn close_all() {
    for (place, word) in OPEN.iter().enumerate() {
        let bits = word.load(Ordering::Relaxed);
        for bit in (0..32).filter(|bit| bits & (1 << bit) != 0) {
            close(((place * 32 + bit) * 4) as HANDLE);
        }
    }
}

/// The descriptor of a new socket, which is made one that never blocks; closes it if that can't be.
pub(super) fn descriptor(socket: HANDLE, mode: Fd) -> Result<Fd> {
    if socket == INVALID_SOCKET {
        return Err(last());
    }
    let mut on = 1;
    // SAFETY: reads `on`.
    let done = check(unsafe { ioctlsocket(socket, FIONBIO, &raw mut on) });
    done.and_then(|()| {
        let (word, bit) = open_bit(socket).ok_or(Errno::MFILE)?;
        word.fetch_or(bit, Ordering::Relaxed);
        Ok(socket as Fd | SOCKET | mode)
    })
    .inspect_err(|_| close(socket))
}

/// Makes the system's functions for sockets usable.
#[inline(always)]
pub(super) fn start() -> Result<()> {
    const VERSION: u16 = 0x202;
    /// Larger than `WSADATA`.
    const DATA_BYTES: usize = 512;
    let mut data = [0u64; DATA_BYTES / 8];
    // SAFETY: writes `data`.
    match unsafe { WSAStartup(VERSION, data.as_mut_ptr().cast()) } {
        0 => Ok(()),
        error => Err(from_winsock(error as u32)),
    }
}

/// Opens a socket that listens and doesn't block.
pub fn listen(address: &Address) -> Result<Fd> {
    start()?;
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: no protocol is named.
    let socket = unsafe { WSASocketW(address.family().into(), SOCK_STREAM, 0, ptr::null(), 0, flags) };
    let fd = descriptor(socket, NONBLOCK)?;
    listen_with(socket, address).inspect_err(|_| close(socket))?;
    Ok(fd)
}

fn listen_with(socket: HANDLE, address: &Address) -> Result<()> {
    let option = |level, name, value: i32| {
        // SAFETY: reads `value`.
        check(unsafe { setsockopt(socket, level, name, (&raw const value).cast(), size_of::<i32>() as i32) })
    };
    // Nobody else can take the address, as on other systems.
    option(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)?;
    if address.family() == AF_INET6 {
        // All addresses are those of IPv4, too, as on other systems.
        option(IPPROTO_IPV6, IPV6_V6ONLY, 0)?;
    }
    // SAFETY: reads the `length` bytes of the address.
    unsafe {
        check(bind(socket, address.bytes.as_ptr(), address.length as i32))?;
        check(listen_at(socket, SOMAXCONN))
    }
}

/// Waits until one of the events happens, or something that ends the wait for them.
fn wait(fd: Fd, events: i16) -> Result<()> {
    let mut one = WSAPOLLFD { fd: handle(fd), events, revents: 0 };
    // SAFETY: reads and writes `one`.
    if unsafe { WSAPoll(&raw mut one, 1, -1) } < 0 {
        return Err(last());
    }
    if one.revents & events == 0 {
        // The peer sends no more, which the system reports again and again.
        // SAFETY: takes no pointers.
        unsafe { Sleep(INTERVAL as u32) };
    }
    Ok(())
}

/// Calls a function, which gives 0 unless there was an error. If it would block, waits, unless the descriptor
/// doesn't block.
fn waiting(fd: Fd, events: i16, mut call: impl FnMut(HANDLE) -> i32) -> Result<()> {
    while call(handle(fd)) != 0 {
        // SAFETY: takes no pointers.
        match unsafe { WSAGetLastError() } {
            WSAEWOULDBLOCK if fd & NONBLOCK == 0 => wait(fd, events)?,
            error => return Err(from_winsock(error)),
        }
    }
    Ok(())
}

/// Takes a connection that waits.
fn accept_from(listener: Fd, nonblock: bool) -> Result<Fd> {
    let mut accepted = INVALID_SOCKET;
    waiting(listener, POLLRDNORM, |listener| {
        // SAFETY: the address isn't asked for.
        accepted = unsafe { accept(listener, ptr::null_mut(), ptr::null_mut()) };
        if accepted == INVALID_SOCKET { -1 } else { 0 }
    })?;
    descriptor(accepted, if nonblock { NONBLOCK } else { 0 })
}

/// Pieces of memory, as the system has them, and the first that isn't empty.
struct Pieces {
    buffers: [WSABUF; Pieces::MOST],
    count: usize,
    first: usize,
}

impl Pieces {
    /// Pieces and bytes in one call; of more, only the first ones are transferred.
    const MOST: usize = 64;
    const MOST_BYTES: usize = 1 << 30;

    fn new(iovecs: &[IoVec]) -> Pieces {
        let mut pieces =
            Pieces { buffers: [WSABUF { len: 0, buf: ptr::null_mut() }; Pieces::MOST], count: 0, first: 0 };
        let mut left = Pieces::MOST_BYTES;
        for (buffer, piece) in pieces.buffers.iter_mut().zip(iovecs) {
            let length = piece.length.min(left);
            *buffer = WSABUF { len: length as u32, buf: piece.base };
            left -= length;
            pieces.count += 1;
        }
        pieces.advance(0);
        pieces
    }

    fn rest(&self) -> &[WSABUF] {
        self.buffers.get(self.first..self.count).unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        self.rest().iter().map(|buffer| buffer.len as usize).sum()
    }

    /// Notes that this many bytes have been transferred.
    fn advance(&mut self, mut bytes: u32) {
        for buffer in self.buffers.get_mut(self.first..self.count).unwrap_or_default() {
            let done = bytes.min(buffer.len);
            buffer.len -= done;
            buffer.buf = buffer.buf.wrapping_add(done as usize);
            bytes -= done;
            if buffer.len > 0 {
                return;
            }
            self.first += 1;
        }
    }
}

/// Transfers once or, if `whole`, until all is transferred. An error counts if nothing was.
fn transfer(
    fd: Fd,
    iovecs: &[IoVec],
    events: i16,
    whole: bool,
    mut call: impl FnMut(HANDLE, &[WSABUF], &mut u32) -> i32,
) -> Result<usize> {
    let mut pieces = Pieces::new(iovecs);
    let mut total = 0;
    while !pieces.rest().is_empty() {
        let mut done = 0;
        match waiting(fd, events, |socket| call(socket, pieces.rest(), &mut done)) {
            Err(error) if total == 0 => return Err(error),
            Err(_) => break,
            Ok(()) => {}
        }
        total += done as usize;
        if done == 0 || !whole {
            break;
        }
        pieces.advance(done);
    }
    Ok(total)
}

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
unsafe fn receive(fd: Fd, iovecs: &[IoVec], how: Receive) -> Result<usize> {
    let whole = how.wait_all && fd & NONBLOCK == 0;
    if whole && how.peek {
        // SAFETY: as the caller promises.
        return unsafe { peek_whole(fd, iovecs) };
    }
    let result = transfer(fd, iovecs, POLLRDNORM, whole, |socket, buffers, done| {
        let mut flags = if how.peek { MSG_PEEK } else { 0 };
        let (none, count) = (ptr::null_mut::<OVERLAPPED>(), buffers.len() as u32);
        // SAFETY: as the caller promises; reads `buffers`, writes `done` and `flags`.
        unsafe { WSARecv(socket, buffers.as_ptr(), count, done, &raw mut flags, none, none.cast()) }
    });
    match result {
        // It is this side that receives no more.
        Err(Errno::PIPE) => Ok(0),
        other => other,
    }
}

/// Peeks until there is enough for all of the memory. The system doesn't wait for that, so it is asked again and again.
///
/// # Safety
/// As for `receive`.
unsafe fn peek_whole(fd: Fd, iovecs: &[IoVec]) -> Result<usize> {
    let wanted = Pieces::new(iovecs).bytes();
    let mut ended = false;
    loop {
        // SAFETY: as the caller promises.
        let done = unsafe { receive(fd, iovecs, Receive { peek: true, wait_all: false }) }?;
        if done == 0 || done >= wanted || ended {
            return Ok(done);
        }
        let mut one = WSAPOLLFD { fd: handle(fd), events: POLLRDNORM, revents: 0 };
        // SAFETY: reads and writes `one`; takes no pointers.
        unsafe {
            WSAPoll(&raw mut one, 1, 0);
            ended = one.revents & (POLLHUP | POLLERR) != 0;
            if !ended {
                Sleep(INTERVAL as u32);
            }
        }
    }
}

/// # Safety
/// The memory that `iovecs` describe may be read.
unsafe fn send(fd: Fd, iovecs: &[IoVec]) -> Result<usize> {
    transfer(fd, iovecs, POLLWRNORM, true, |socket, buffers, done| {
        let (none, count) = (ptr::null_mut::<OVERLAPPED>(), buffers.len() as u32);
        // SAFETY: as the caller promises; reads `buffers`, writes `done`.
        unsafe { WSASend(socket, buffers.as_ptr(), count, done, 0, none, none.cast()) }
    })
}

/// Ends one direction or both.
fn shutdown(fd: Fd, receiving: bool, sending: bool) -> Result<()> {
    let how = match (receiving, sending) {
        (true, true) => 2,
        (true, false) => 0,
        _ => 1,
    };
    // SAFETY: takes no pointers.
    check(unsafe { shut_down(handle(fd), how) })
}

/// How many bytes can be received at once.
fn available(fd: Fd) -> Result<u32> {
    let mut bytes = 0;
    // SAFETY: writes `bytes`.
    check(unsafe { ioctlsocket(handle(fd), FIONREAD, &raw mut bytes) })?;
    Ok(bytes)
}

/// Another descriptor of the same socket. `DuplicateHandle` isn't for these.
fn duplicate(fd: Fd) -> Result<Fd> {
    const FROM_PROTOCOL_INFO: i32 = -1;
    let mut information = WSAPROTOCOL_INFOW::default();
    // SAFETY: the first writes `information`, which the second reads.
    let socket = unsafe {
        check(WSADuplicateSocketW(handle(fd), GetCurrentProcessId(), &raw mut information))?;
        let (any, flags) = (FROM_PROTOCOL_INFO, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
        WSASocketW(any, any, any, &raw const information, 0, flags)
    };
    descriptor(socket, fd & MODE)
}

/// Whether this side has ended its direction, or the connection is gone: an empty send reveals it.
fn cannot_send(socket: HANDLE) -> bool {
    let (nothing, none, mut done) =
        (WSABUF { len: 0, buf: ptr::null_mut() }, ptr::null_mut::<OVERLAPPED>(), 0);
    // SAFETY: reads `nothing`, writes `done`.
    unsafe {
        WSASend(socket, &raw const nothing, 1, &raw mut done, 0, none, none.cast()) != 0
            && last() != Errno::AGAIN
    }
}

/// What happened at a socket, as other systems report it: whether it is ready, and whether both directions have ended.
/// This system already calls it a hang-up when the peer sends no more.
fn happened(polled: &WSAPOLLFD) -> (bool, bool) {
    let ended = polled.revents & (POLLERR | POLLHUP) != 0;
    // To send nothing would take the error away that whoever receives is to see.
    let hung_up = ended && (polled.revents & POLLERR != 0 || cannot_send(polled.fd));
    let is_ready = polled.revents & !POLLHUP != 0 || hung_up || ended && polled.events == POLLRDNORM;
    (is_ready, hung_up)
}

/// Looks at the sockets among `fds`, for at most this many milliseconds, until one is ready.
fn poll(fds: &mut [PollFd], timeout: Option<u64>) -> Result<()> {
    /// In one call of the system.
    const MOST: usize = 512;
    let count = fds.iter().filter(|fd| fd.is_socket()).count();
    let mut sockets = fds.iter_mut().filter(|fd| fd.is_socket());
    let (mut left, mut ready, mut seen) = (count, false, false);
    while left > 0 {
        let batch = left.min(MOST);
        left -= batch;
        // If there are several, only the last is waited for, and not for long.
        let timeout = match timeout {
            _ if left > 0 || seen => Some(0),
            other if count > MOST => Some(other.map_or(INTERVAL, |timeout| timeout.min(INTERVAL))),
            other => other,
        };
        let (some_ready, some_seen) = poll_few::<MOST>(&mut sockets, batch, timeout)?;
        ready |= some_ready;
        seen |= some_seen;
    }
    if seen && !ready && timeout != Some(0) {
        // What was seen is reported again and again.
        // SAFETY: takes no pointers.
        unsafe { Sleep(INTERVAL as u32) };
    }
    Ok(())
}

/// Looks at `count` of them; whether one is ready, and whether the system reported any.
fn poll_few<'f, const MOST: usize>(
    sockets: &mut impl Iterator<Item = &'f mut PollFd>,
    count: usize,
    timeout: Option<u64>,
) -> Result<(bool, bool)> {
    let mut polled = [WSAPOLLFD { fd: INVALID_SOCKET, events: 0, revents: 0 }; MOST];
    let mut fds = [const { None::<&mut PollFd> }; MOST];
    let slots = polled.iter_mut().zip(&mut fds).take(count);
    for ((slot, own), fd) in slots.zip(sockets) {
        *slot = WSAPOLLFD {
            fd: handle(fd.fd),
            events: if fd.writes { POLLWRNORM } else { POLLRDNORM },
            revents: 0,
        };
        *own = Some(fd);
    }
    let milliseconds = timeout.map_or(-1, |timeout| timeout.min(i32::MAX as u64) as i32);
    // SAFETY: reads and writes the first `count`.
    let seen = unsafe { WSAPoll(polled.as_mut_ptr(), count as u32, milliseconds) };
    if seen < 0 {
        return Err(last());
    }
    let mut ready = false;
    for (slot, fd) in polled.iter().zip(fds.into_iter().flatten()) {
        (fd.is_ready, fd.is_hung_up) = happened(slot);
        ready |= fd.is_ready;
    }
    Ok((ready, seen > 0))
}
