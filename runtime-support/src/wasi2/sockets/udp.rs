//! `wasi:sockets/udp` and `wasi:sockets/udp-create-socket`: the states of a socket.

use core::cell::Cell;
use core::net::SocketAddr;

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::address::{self, Payload, answer_address, check_family, check_remote};
use super::answer::{answer_handles, answer_unit};
use super::datagrams::{IncomingDatagramStream, OutgoingDatagramStream};
use super::grants::{self, Operation};
use super::network::Network;
use super::{ErrorCode, Result};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::sys::Errno;
use crate::sys::file::{self, Fd};
use crate::sys::inet::{self, Family, Transport};
use crate::wasi2::io::poll::{Event, Pollable};

/// `wasi:sockets/udp.udp-socket`.
pub struct UdpSocket {
    pub fd: Fd,
    pub family: Family,
    is_bound: Cell<bool>,
    /// Whether binding was started and not finished.
    is_binding: Cell<bool>,
    /// With whom alone it exchanges datagrams.
    pub peer: Cell<Option<SocketAddr>>,
    /// Its streams that still exist.
    pub streams: Cell<u32>,
    /// Pollables that were made from it.
    children: Cell<u32>,
}

static SOCKETS: Slab<UdpSocket> = Slab::empty();

impl Resource for UdpSocket {
    const KIND: ResourceKind = ResourceKind::UdpSocket;

    fn table() -> &'static Slab<UdpSocket> {
        &SOCKETS
    }
}

impl UdpSocket {
    /// Whatever a socket is bound to, it receives from granted peers only. So a port that the system chooses, without
    /// which a socket is of no use, needs no grant of its own; any other is granted by its address.
    fn start_bind(&self, address: &SocketAddr) -> Result<()> {
        if self.is_binding.get() {
            return Err(ErrorCode::ConcurrencyConflict);
        }
        if self.streams.get() != 0 || self.is_bound.get() {
            return Err(ErrorCode::InvalidState);
        }
        check_family(address, self.family)?;
        if address.port() != 0 {
            grants::check(Operation::Udp, address)?;
        }
        inet::bind(self.fd, Transport::Udp, address).map_err(|error| match error {
            Errno::AFNOSUPPORT => ErrorCode::InvalidArgument,
            error => error.into(),
        })?;
        self.is_bound.set(true);
        self.is_binding.set(true);
        Ok(())
    }

    fn finish_bind(&self) -> Result<()> {
        if self.is_binding.replace(false) { Ok(()) } else { Err(ErrorCode::NotInProgress) }
    }

    fn connect(&self, peer: Option<SocketAddr>) -> Result<()> {
        if !self.is_bound.get() {
            return Err(ErrorCode::InvalidState);
        }
        let outcome = match peer {
            Some(peer) => {
                check_family(&peer, self.family)?;
                check_remote(&peer)?;
                grants::check(Operation::Udp, &peer)?;
                inet::connect(self.fd, &peer)
            }
            None if self.peer.get().is_some() => inet::disconnect(self.fd),
            None => return Ok(()),
        };
        self.peer.set(inet::remote_address(self.fd).ok().filter(|peer| peer.port() != 0));
        outcome.map_err(|error| match error {
            Errno::AFNOSUPPORT => ErrorCode::InvalidArgument,
            error => error.into(),
        })
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_create_socket_create_udp_socket(
    family: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let family = address::family(family);
    let opened = grants::check_any(&[Operation::Udp]).and_then(|()| Ok(inet::open(family, Transport::Udp)?));
    let socket = opened.map(|fd| {
        [caller.own(UdpSocket {
            fd,
            family,
            is_bound: Cell::new(false),
            is_binding: Cell::new(false),
            peer: Cell::new(None),
            streams: Cell::new(0),
            children: Cell::new(0),
        })]
    });
    answer_handles(caller, result, socket);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<UdpSocket>(handle) {
        let socket = UdpSocket::at(number);
        if socket.children.get() != 0 || socket.streams.get() != 0 {
            // A server goes on.
            if cfg!(feature = "servers") {
                file::close(socket.fd);
            }
            violation(Trap::ResourceHasChildren);
        }
        file::close(UdpSocket::remove(number).fd);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_start_bind(
    this: u32,
    network: u32,
    family: u32,
    payload0: u32,
    payload1: u32,
    payload2: u32,
    payload3: u32,
    payload4: u32,
    payload5: u32,
    payload6: u32,
    payload7: u32,
    payload8: u32,
    payload9: u32,
    payload10: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    caller.borrow::<Network>(network);
    let payload: Payload = [
        payload0, payload1, payload2, payload3, payload4, payload5, payload6, payload7, payload8, payload9,
        payload10,
    ];
    let address = address::from_parameters(family, payload);
    answer_unit(caller, result, socket.start_bind(&address));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_finish_bind(this: u32, result: u32, caller: &Caller) {
    caller.check();
    answer_unit(caller, result, caller.borrow::<UdpSocket>(this).finish_bind());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_stream(
    this: u32,
    has_peer: u32,
    family: u32,
    payload0: u32,
    payload1: u32,
    payload2: u32,
    payload3: u32,
    payload4: u32,
    payload5: u32,
    payload6: u32,
    payload7: u32,
    payload8: u32,
    payload9: u32,
    payload10: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    let payload: Payload = [
        payload0, payload1, payload2, payload3, payload4, payload5, payload6, payload7, payload8, payload9,
        payload10,
    ];
    let peer = match has_peer {
        0 => None,
        1 => Some(address::from_parameters(family, payload)),
        _ => violation(Trap::InvalidDiscriminant),
    };
    if socket.streams.get() != 0 {
        violation(Trap::ResourceHasChildren);
    }
    let streams = socket.connect(peer).map(|()| {
        socket.streams.set(2);
        [caller.own(IncomingDatagramStream::new(socket)), caller.own(OutgoingDatagramStream::new(socket))]
    });
    answer_handles(caller, result, streams);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_local_address(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    let address = match socket.is_bound.get() {
        true => inet::local_address(socket.fd).map_err(ErrorCode::from),
        false => Err(ErrorCode::InvalidState),
    };
    answer_address(caller, result, address);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_remote_address(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let peer = caller.borrow::<UdpSocket>(this).peer.get();
    answer_address(caller, result, peer.ok_or(ErrorCode::InvalidState));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_address_family(this: u32, caller: &Caller) -> u32 {
    caller.check();
    address::discriminant(caller.borrow::<UdpSocket>(this).family)
}

/// Nothing that is done to a socket itself takes time.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_subscribe(this: u32, caller: &Caller) -> u32 {
    caller.check();
    caller.own(Pollable::of(Event::Now, &caller.borrow::<UdpSocket>(this).children))
}
