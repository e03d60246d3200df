//! `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`. A guest can't make sockets: it accepts
//! connections of the listeners that the policy grants (`listeners`).

use crate::memory::guest;
use crate::sys::file;
use crate::sys::socket::{self, Receive};

use super::descriptor::{self, Descriptor, Kind, Used};
use super::file::with_iovecs;
use super::types::{Errno, Result, answer, check_flags, fdflags};

/// `riflags`.
const RECV_PEEK: u32 = 1 << 0;
const RECV_WAITALL: u32 = 1 << 1;
/// `sdflags`.
const SHUTDOWN_RECEIVING: u32 = 1 << 0;
const SHUTDOWN_SENDING: u32 = 1 << 1;

/// The socket of this kind with this number.
fn get(number: u32, kind: Kind) -> Result<Used> {
    let descriptor = descriptor::get(number)?;
    match descriptor.kind {
        found if found == kind => Ok(descriptor),
        Kind::Listener | Kind::Socket => Err(Errno::BADF),
        _ => Err(Errno::NOTSOCK),
    }
}

fn accept(number: u32, flags: u32, result: u32) -> Result<()> {
    let listener = get(number, Kind::Listener)?;
    check_flags(flags, fdflags::NONBLOCK)?;
    guest::check_writable(result, 4, 4);
    // A connection that is accepted can't be put back.
    descriptor::check_room()?;
    let host = socket::accept(listener.host, flags & fdflags::NONBLOCK != 0)?;
    let accepted = descriptor::add(Descriptor::new(Kind::Socket, host, false))?;
    guest::write_u32(result, accepted);
    Ok(())
}

fn receive(number: u32, iovecs: (u32, u32), flags: u32, size: u32, result_flags: u32) -> Result<()> {
    let socket = get(number, Kind::Socket)?;
    check_flags(flags, RECV_PEEK | RECV_WAITALL)?;
    let how = Receive { peek: flags & RECV_PEEK != 0, wait_all: flags & RECV_WAITALL != 0 };
    guest::check_writable(result_flags, 2, 2);
    with_iovecs(iovecs.0, iovecs.1, size, |batch| {
        // The host would wait although there is nothing to receive into.
        if batch.is_empty() {
            return Ok(0);
        }
        // SAFETY: the batch describes guest memory, which nothing refers to.
        Ok(unsafe { socket::receive(socket.host, batch, how) }?)
    })?;
    // What a stream delivers is never truncated.
    guest::write(result_flags, 2, [0; 2]);
    Ok(())
}

fn send(number: u32, iovecs: (u32, u32), flags: u32, size: u32) -> Result<()> {
    let socket = get(number, Kind::Socket)?;
    check_flags(flags, 0)?;
    with_iovecs(iovecs.0, iovecs.1, size, |batch| {
        // SAFETY: the batch describes guest memory.
        Ok(unsafe { file::write(socket.host, batch, file::Position::Current) }?)
    })
}

fn shutdown(number: u32, how: u32) -> Result<()> {
    let socket = get(number, Kind::Socket)?;
    check_flags(how, SHUTDOWN_RECEIVING | SHUTDOWN_SENDING)?;
    if how == 0 {
        return Err(Errno::INVAL);
    }
    Ok(socket::shutdown(socket.host, how & SHUTDOWN_RECEIVING != 0, how & SHUTDOWN_SENDING != 0)?)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_accept(fd: u32, flags: u32, result: u32) -> i32 {
    answer(accept(fd, flags, result))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_recv(
    fd: u32,
    iovecs: u32,
    count: u32,
    flags: u32,
    size: u32,
    result_flags: u32,
) -> i32 {
    answer(receive(fd, (iovecs, count), flags, size, result_flags))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_send(fd: u32, iovecs: u32, count: u32, flags: u32, size: u32) -> i32 {
    answer(send(fd, (iovecs, count), flags, size))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_shutdown(fd: u32, how: u32) -> i32 {
    answer(shutdown(fd, how))
}
