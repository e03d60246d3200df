//! The datagram streams of `wasi:sockets/udp`. They are children of their socket.

use core::cell::{Cell, UnsafeCell};
use core::net::SocketAddr;

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::address::{self, check_family, check_remote};
use super::answer::{Shape, answer, answer_u64};
use super::grants::{self, Operation};
use super::udp::UdpSocket;
use super::{ErrorCode, Result};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::sys::Errno;
use crate::sys::inet;
use crate::sys::poll::{PollFd, poll};
use crate::wasi2::io::poll::{Event, Pollable};

/// `wasi:sockets/udp.incoming-datagram-stream`.
pub struct IncomingDatagramStream {
    socket: &'static UdpSocket,
    /// Pollables that were made from it.
    children: Cell<u32>,
}

/// `wasi:sockets/udp.outgoing-datagram-stream`.
pub struct OutgoingDatagramStream {
    socket: &'static UdpSocket,
    /// How many datagrams `check-send` has permitted to send next.
    permit: Cell<u32>,
    /// Pollables that were made from it.
    children: Cell<u32>,
}

static INCOMING: Slab<IncomingDatagramStream> = Slab::empty();
static OUTGOING: Slab<OutgoingDatagramStream> = Slab::empty();

impl Resource for IncomingDatagramStream {
    const KIND: ResourceKind = ResourceKind::IncomingDatagramStream;

    fn table() -> &'static Slab<IncomingDatagramStream> {
        &INCOMING
    }
}

impl Resource for OutgoingDatagramStream {
    const KIND: ResourceKind = ResourceKind::OutgoingDatagramStream;

    fn table() -> &'static Slab<OutgoingDatagramStream> {
        &OUTGOING
    }
}

/// Datagrams that are received, or sent, in one call.
const MOST: usize = 16;

/// Bytes of the largest datagram.
const DATAGRAM_BYTES: usize = u16::MAX as usize;

/// No further datagram is received if there are this many bytes of them.
const ENOUGH_BYTES: usize = 64 << 10;

/// Datagrams of others that are dropped in one call.
const MOST_DROPPED: usize = 256;

/// What has been received and not yet been copied to the component.
struct Buffer(UnsafeCell<[u8; ENOUGH_BYTES + DATAGRAM_BYTES]>);

// SAFETY: programs of components have one thread.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; ENOUGH_BYTES + DATAGRAM_BYTES]));

/// A datagram in the buffer: its length and who sent it.
type Received = Option<(usize, SocketAddr)>;

impl IncomingDatagramStream {
    pub fn new(socket: &'static UdpSocket) -> IncomingDatagramStream {
        IncomingDatagramStream { socket, children: Cell::new(0) }
    }

    /// Receives the datagrams that are there, one behind the other in the buffer.
    fn receive(&self, buffer: &mut [u8], most: usize) -> Result<[Received; MOST]> {
        let mut received = [None; MOST];
        let (mut count, mut used, mut dropped) = (0, 0, 0);
        while count < most && used < ENOUGH_BYTES && dropped < MOST_DROPPED {
            let (length, from) =
                match inet::receive(self.socket.fd, buffer.get_mut(used..).unwrap_or_default()) {
                    Ok(datagram) => datagram,
                    Err(Errno::AGAIN) => break,
                    Err(_) if count != 0 => break,
                    Err(error) => return Err(error.into()),
                };
            // What came before the socket was connected stays in its queue.
            let is_expected = self.socket.peer.get().is_none_or(|peer| peer == from);
            if !is_expected || grants::check(Operation::Udp, &from).is_err() {
                dropped += 1;
                continue;
            }
            if let Some(slot) = received.get_mut(count) {
                *slot = Some((length, from));
            }
            count += 1;
            used += length;
        }
        Ok(received)
    }
}

impl OutgoingDatagramStream {
    pub fn new(socket: &'static UdpSocket) -> OutgoingDatagramStream {
        OutgoingDatagramStream { socket, permit: Cell::new(0), children: Cell::new(0) }
    }

    fn check_send(&self) -> u64 {
        let is_ready = poll(&mut [PollFd::writable(self.socket.fd)], Some(0)) == Ok(1);
        let permit = if is_ready { MOST as u32 } else { 0 };
        self.permit.set(permit);
        permit.into()
    }

    /// # Safety
    /// `length` bytes at `start` may be read.
    unsafe fn send(&self, start: *const u8, length: usize, to: Option<SocketAddr>) -> Result<()> {
        if length > DATAGRAM_BYTES {
            return Err(ErrorCode::DatagramTooLarge);
        }
        let peer = self.socket.peer.get();
        let to = to.or(peer).ok_or(ErrorCode::InvalidArgument)?;
        check_remote(&to)?;
        check_family(&to, self.socket.family)?;
        if peer.is_some_and(|peer| peer != to) {
            return Err(ErrorCode::InvalidArgument);
        }
        grants::check(Operation::Udp, &to)?;
        let to = if peer.is_none() { Some(&to) } else { None };
        // SAFETY: as the caller promises.
        Ok(unsafe { inet::send(self.socket.fd, start, length, to) }?)
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_incoming_datagram_stream_receive(
    this: u32,
    most: u64,
    result: u32,
    caller: &Caller,
) {
    /// Of an `incoming-datagram`.
    const BYTES: u32 = 8 + address::BYTES;
    caller.check();
    let stream = caller.borrow::<IncomingDatagramStream>(this);
    // SAFETY: this is the only place where it is used, and what a component allocates can't call host functions.
    let buffer = unsafe { &mut *BUFFER.0.get() };
    let received = stream.receive(buffer, most.min(MOST as u64) as usize);
    let list = received.map(|received| {
        let count = received.iter().flatten().count() as u32;
        let list = caller.allocate(count * BYTES, 4);
        let mut rest = &buffer[..];
        for (offset, (length, from)) in (0..).step_by(BYTES as usize).zip(received.into_iter().flatten()) {
            let (data, behind) = rest.split_at_checked(length).unwrap_or_default();
            rest = behind;
            let (pointer, length) = caller.new_list(data);
            let elements = caller.elements(list, count, BYTES, 4);
            elements.u32(offset, pointer);
            elements.u32(offset + 4, length);
            address::write(&elements, offset + 8, &from);
        }
        (list, count)
    });
    answer(caller, result, Shape { size: 12, alignment: 4, payload: 4 }, list, |fields, (list, count)| {
        fields.u32(4, list);
        fields.u32(8, count);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_incoming_datagram_stream_subscribe(
    this: u32,
    caller: &Caller,
) -> u32 {
    caller.check();
    let stream = caller.borrow::<IncomingDatagramStream>(this);
    caller.own(Pollable::of(Event::Readable(stream.socket.fd), &stream.children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_incoming_datagram_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<IncomingDatagramStream>(handle) {
        let stream = IncomingDatagramStream::at(number);
        give_up(stream.socket, &stream.children);
        IncomingDatagramStream::remove(number);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_outgoing_datagram_stream_check_send(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_u64(caller, result, Ok(caller.borrow::<OutgoingDatagramStream>(this).check_send()));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_outgoing_datagram_stream_send(
    this: u32,
    list: u32,
    count: u32,
    result: u32,
    caller: &Caller,
) {
    /// Of an `outgoing-datagram`.
    const BYTES: u32 = 12 + address::BYTES;
    caller.check();
    let stream = caller.borrow::<OutgoingDatagramStream>(this);
    let elements = caller.elements(list, count, BYTES, 4);
    if count > stream.permit.get() {
        violation(Trap::WriteTooLarge);
    }
    if count != 0 {
        stream.permit.set(0);
    }
    let mut sent = Ok(0);
    for (done, offset) in (0..u64::from(count)).zip((0..).step_by(BYTES as usize)) {
        let length = elements.get_u32(offset + 4);
        let data = caller.bytes(elements.get_u32(offset), length);
        let to = match elements.get_u8(offset + 8) {
            0 => None,
            1 => Some(address::read(&elements, offset + 12)),
            _ => violation(Trap::InvalidDiscriminant),
        };
        // SAFETY: `bytes` has checked that the datagram exists.
        match unsafe { stream.send(data, length as usize, to) } {
            Ok(()) => sent = Ok(done + 1),
            // What has been sent counts more than an error behind it.
            Err(_) if done != 0 => break,
            Err(ErrorCode::WouldBlock) => break,
            Err(error) => {
                sent = Err(error);
                break;
            }
        }
    }
    answer_u64(caller, result, sent);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_outgoing_datagram_stream_subscribe(
    this: u32,
    caller: &Caller,
) -> u32 {
    caller.check();
    let stream = caller.borrow::<OutgoingDatagramStream>(this);
    caller.own(Pollable::of(Event::Writable(stream.socket.fd), &stream.children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_outgoing_datagram_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<OutgoingDatagramStream>(handle) {
        let stream = OutgoingDatagramStream::at(number);
        give_up(stream.socket, &stream.children);
        OutgoingDatagramStream::remove(number);
    }
}

/// Notes that a stream of a socket is gone.
fn give_up(socket: &UdpSocket, children: &Cell<u32>) {
    if children.get() != 0 {
        // A server goes on.
        if cfg!(feature = "servers") {
            socket.streams.set(socket.streams.get() - 1);
        }
        violation(Trap::ResourceHasChildren);
    }
    socket.streams.set(socket.streams.get() - 1);
}
