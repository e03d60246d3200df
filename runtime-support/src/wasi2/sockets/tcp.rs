//! `wasi:sockets/tcp` and `wasi:sockets/tcp-create-socket`: the states of a socket.

use core::cell::Cell;
use core::net::SocketAddr;

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::address::{self, Payload, answer_address, check_family, check_remote, check_unicast};
use super::answer::{answer_handles, answer_unit};
use super::grants::{self, Operation};
use super::network::Network;
use super::{ErrorCode, Result, tcp_streams};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::sys::Errno;
use crate::sys::file::{self, Fd};
use crate::sys::inet::{self, Family, Transport};
use crate::sys::poll::{PollFd, poll};
use crate::sys::socket;
use crate::wasi2::io::poll::{Event, Pollable};

/// `wasi:sockets/tcp.tcp-socket`.
pub struct TcpSocket {
    /// None once it is closed.
    pub fd: Cell<Fd>,
    pub family: Family,
    state: Cell<State>,
    is_bound: Cell<bool>,
    /// What was started and not finished.
    in_progress: Cell<Option<Started>>,
    backlog: Cell<u32>,
    /// What its pollables wait for at the moment.
    event: Cell<Event>,
    /// Its streams that still exist, by their numbers.
    pub input: Cell<Option<u32>>,
    pub output: Cell<Option<u32>>,
    /// Streams and pollables that were made from it.
    pub children: Cell<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Perhaps bound.
    New,
    Connecting,
    /// The attempt to connect has ended, but `finish-connect` hasn't been called.
    Attempted(Result<()>),
    Connected,
    Listening,
    /// It couldn't be connected.
    Closed(ErrorCode),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    Bind,
    Connect,
    Listen,
}

static SOCKETS: Slab<TcpSocket> = Slab::empty();

impl Resource for TcpSocket {
    const KIND: ResourceKind = ResourceKind::TcpSocket;

    fn table() -> &'static Slab<TcpSocket> {
        &SOCKETS
    }
}

/// How many connections may wait unless something else is asked for.
const BACKLOG: u32 = 128;

impl TcpSocket {
    fn new(fd: Fd, family: Family, state: State) -> TcpSocket {
        TcpSocket {
            fd: Cell::new(fd),
            family,
            state: Cell::new(state),
            is_bound: Cell::new(state != State::New),
            in_progress: Cell::new(None),
            backlog: Cell::new(BACKLOG),
            event: Cell::new(Event::Now),
            input: Cell::new(None),
            output: Cell::new(None),
            children: Cell::new(0),
        }
    }

    fn set(&self, state: State, in_progress: Option<Started>) {
        self.state.set(state);
        self.in_progress.set(in_progress);
        self.event.set(match (state, in_progress) {
            (State::Connecting, _) => Event::Writable(self.fd.get()),
            (State::Listening, None) => Event::Readable(self.fd.get()),
            _ => Event::Now,
        });
        if let State::Closed(_) = state {
            file::close(self.fd.replace(-1));
        }
    }

    fn check_nothing_in_progress(&self) -> Result<()> {
        match self.in_progress.get() {
            None => Ok(()),
            Some(_) => Err(ErrorCode::ConcurrencyConflict),
        }
    }

    fn check_state(&self, state: State) -> Result<()> {
        if self.state.get() == state { Ok(()) } else { Err(ErrorCode::InvalidState) }
    }

    fn finish(&self, started: Started) -> Result<()> {
        if self.in_progress.get() != Some(started) {
            return Err(ErrorCode::NotInProgress);
        }
        self.set(self.state.get(), None);
        Ok(())
    }

    fn start_bind(&self, address: &SocketAddr) -> Result<()> {
        self.check_nothing_in_progress()?;
        self.check_state(State::New)?;
        if self.is_bound.get() {
            return Err(ErrorCode::InvalidState);
        }
        check_unicast(address)?;
        check_family(address, self.family)?;
        grants::check(Operation::TcpListen, address)?;
        inet::bind(self.fd.get(), Transport::Tcp, address).map_err(|error| match error {
            Errno::AFNOSUPPORT => ErrorCode::InvalidArgument,
            error => error.into(),
        })?;
        self.is_bound.set(true);
        self.set(State::New, Some(Started::Bind));
        Ok(())
    }

    /// The system binds an unbound socket to a port of its choice, which nobody can connect to.
    fn start_connect(&self, address: &SocketAddr) -> Result<()> {
        self.check_nothing_in_progress()?;
        self.check_state(State::New)?;
        check_unicast(address)?;
        check_remote(address)?;
        check_family(address, self.family)?;
        grants::check(Operation::TcpConnect, address)?;
        let state = match inet::connect(self.fd.get(), address) {
            Err(Errno::INPROGRESS) => State::Connecting,
            other => State::Attempted(other.map_err(ErrorCode::from)),
        };
        self.is_bound.set(true);
        self.set(state, Some(Started::Connect));
        Ok(())
    }

    fn finish_connect(&self) -> Result<()> {
        if self.in_progress.get() != Some(Started::Connect) {
            return Err(ErrorCode::NotInProgress);
        }
        let outcome = match self.state.get() {
            State::Attempted(outcome) => outcome,
            _ => match poll(&mut [PollFd::writable(self.fd.get())], Some(0)) {
                Ok(1) => inet::take_error(self.fd.get()).map_err(ErrorCode::from),
                _ => return Err(ErrorCode::WouldBlock),
            },
        };
        self.set(outcome.map_or_else(State::Closed, |()| State::Connected), None);
        outcome
    }

    /// Whoever may bind a socket to an address may listen there.
    fn start_listen(&self) -> Result<()> {
        self.check_nothing_in_progress()?;
        if !self.is_bound.get() {
            return Err(ErrorCode::InvalidState);
        }
        self.check_state(State::New)?;
        inet::listen(self.fd.get(), self.backlog.get())?;
        self.set(State::Listening, Some(Started::Listen));
        Ok(())
    }

    fn accept(&self) -> Result<TcpSocket> {
        self.check_state(State::Listening)?;
        let fd = socket::accept(self.fd.get(), true).map_err(|error| match error {
            // Of a connection that was lost before it could be taken.
            Errno::CONNRESET
            | Errno::HOSTUNREACH
            | Errno::HOSTDOWN
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::NOTSUP => ErrorCode::ConnectionAborted,
            error => error.into(),
        })?;
        Ok(TcpSocket::new(fd, self.family, State::Connected))
    }

    fn local_address(&self) -> Result<SocketAddr> {
        match self.state.get() {
            State::Closed(error) => Err(error),
            State::Connecting | State::Attempted(_) => Err(ErrorCode::InvalidState),
            _ if !self.is_bound.get() => Err(ErrorCode::InvalidState),
            _ => Ok(inet::local_address(self.fd.get())?),
        }
    }

    fn remote_address(&self) -> Result<SocketAddr> {
        match self.state.get() {
            State::Closed(error) => Err(error),
            State::Connected => Ok(inet::remote_address(self.fd.get())?),
            _ => Err(ErrorCode::InvalidState),
        }
    }

    fn set_backlog(&self, size: u64) -> Result<()> {
        if size == 0 {
            return Err(ErrorCode::InvalidArgument);
        }
        let size = size.min(i32::MAX as u64) as u32;
        match self.state.get() {
            State::New => {}
            State::Listening => {
                inet::listen(self.fd.get(), size).map_err(|_| ErrorCode::NotSupported)?;
            }
            State::Closed(error) => return Err(error),
            _ => return Err(ErrorCode::InvalidState),
        }
        self.backlog.set(size);
        Ok(())
    }

    fn shutdown(&self, receiving: bool, sending: bool) -> Result<()> {
        self.check_state(State::Connected)?;
        tcp_streams::close(self, receiving, sending);
        // It may be over already.
        _ = socket::shutdown(self.fd.get(), receiving, sending);
        Ok(())
    }

    /// The descriptor, to ask for options or set them.
    pub fn descriptor(&self) -> Result<Fd> {
        match self.state.get() {
            State::Connecting | State::Attempted(_) => Err(ErrorCode::InvalidState),
            State::Closed(error) => Err(error),
            _ => Ok(self.fd.get()),
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_create_socket_create_tcp_socket(
    family: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let family = address::family(family);
    let opened = grants::check_any(&[Operation::TcpConnect, Operation::TcpListen])
        .and_then(|()| Ok(inet::open(family, Transport::Tcp)?));
    let socket = opened.map(|fd| [caller.own(TcpSocket::new(fd, family, State::New))]);
    answer_handles(caller, result, socket);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<TcpSocket>(handle) {
        if TcpSocket::at(number).children.get() != 0 {
            // A server goes on.
            if cfg!(feature = "servers") {
                file::close(TcpSocket::at(number).fd.replace(-1));
            }
            violation(Trap::ResourceHasChildren);
        }
        let socket = TcpSocket::remove(number);
        if socket.fd.get() >= 0 {
            file::close(socket.fd.get());
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_start_bind(
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
    let socket = caller.borrow::<TcpSocket>(this);
    caller.borrow::<Network>(network);
    let payload: Payload = [
        payload0, payload1, payload2, payload3, payload4, payload5, payload6, payload7, payload8, payload9,
        payload10,
    ];
    let address = address::from_parameters(family, payload);
    answer_unit(caller, result, socket.start_bind(&address));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_finish_bind(this: u32, result: u32, caller: &Caller) {
    caller.check();
    answer_unit(caller, result, caller.borrow::<TcpSocket>(this).finish(Started::Bind));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_start_connect(
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
    let socket = caller.borrow::<TcpSocket>(this);
    caller.borrow::<Network>(network);
    let payload: Payload = [
        payload0, payload1, payload2, payload3, payload4, payload5, payload6, payload7, payload8, payload9,
        payload10,
    ];
    let address = address::from_parameters(family, payload);
    answer_unit(caller, result, socket.start_connect(&address));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_finish_connect(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let number = caller.representation::<TcpSocket>(this);
    let connected = TcpSocket::at(number).finish_connect();
    answer_handles(caller, result, connected.map(|()| tcp_streams::open(number, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_start_listen(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_unit(caller, result, caller.borrow::<TcpSocket>(this).start_listen());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_finish_listen(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_unit(caller, result, caller.borrow::<TcpSocket>(this).finish(Started::Listen));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_accept(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let accepted = caller.borrow::<TcpSocket>(this).accept();
    let handles = accepted.map(|socket| {
        let socket = caller.own(socket);
        let [input, output] = tcp_streams::open(caller.representation::<TcpSocket>(socket), caller);
        [socket, input, output]
    });
    answer_handles(caller, result, handles);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_local_address(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_address(caller, result, caller.borrow::<TcpSocket>(this).local_address());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_remote_address(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_address(caller, result, caller.borrow::<TcpSocket>(this).remote_address());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_is_listening(this: u32, caller: &Caller) -> u32 {
    caller.check();
    (caller.borrow::<TcpSocket>(this).state.get() == State::Listening).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_address_family(this: u32, caller: &Caller) -> u32 {
    caller.check();
    address::discriminant(caller.borrow::<TcpSocket>(this).family)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_listen_backlog_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    answer_unit(caller, result, caller.borrow::<TcpSocket>(this).set_backlog(size));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_subscribe(this: u32, caller: &Caller) -> u32 {
    caller.check();
    let socket = caller.borrow::<TcpSocket>(this);
    caller.own(Pollable::of(Event::Current(&socket.event), &socket.children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_shutdown(
    this: u32,
    direction: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<TcpSocket>(this);
    let (receiving, sending) = match direction {
        0 => (true, false),
        1 => (false, true),
        2 => (true, true),
        _ => violation(Trap::InvalidDiscriminant),
    };
    answer_unit(caller, result, socket.shutdown(receiving, sending));
}
