//! The options of TCP sockets. Sockets that are accepted have those of their listener, as far as the system passes them on.

use super::answer::{answer_u8, answer_u32, answer_u64, answer_unit};
use super::options;
use super::tcp::TcpSocket;
use crate::component::Caller;
use crate::sys::inet::SocketOption;

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_keep_alive_enabled(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::get(fd, SocketOption::KeepAlive).map(|on| u8::from(on != 0)));
    answer_u8(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_keep_alive_enabled(
    this: u32,
    enabled: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::set(fd, SocketOption::KeepAlive, u32::from(enabled != 0)));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_keep_alive_idle_time(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::duration(fd, SocketOption::KeepAliveIdle));
    answer_u64(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_keep_alive_idle_time(
    this: u32,
    time: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::set_duration(fd, SocketOption::KeepAliveIdle, time));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_keep_alive_interval(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::duration(fd, SocketOption::KeepAliveInterval));
    answer_u64(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_keep_alive_interval(
    this: u32,
    time: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::set_duration(fd, SocketOption::KeepAliveInterval, time));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_keep_alive_count(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::get(fd, SocketOption::KeepAliveCount));
    answer_u32(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_keep_alive_count(
    this: u32,
    count: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller.borrow::<TcpSocket>(this).descriptor().and_then(|fd| options::set_probes(fd, count));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_hop_limit(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let socket = caller.borrow::<TcpSocket>(this);
    let value = socket.descriptor().and_then(|fd| options::hop_limit(fd, socket.family));
    answer_u8(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_hop_limit(
    this: u32,
    limit: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<TcpSocket>(this);
    let done = socket.descriptor().and_then(|fd| options::set_hop_limit(fd, socket.family, limit as u8));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_receive_buffer_size(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::size(fd, SocketOption::ReceiveBuffer));
    answer_u64(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_receive_buffer_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::set_size(fd, SocketOption::ReceiveBuffer, size));
    answer_unit(caller, result, done);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_send_buffer_size(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let value = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::size(fd, SocketOption::SendBuffer));
    answer_u64(caller, result, value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_tcp_tcp_socket_set_send_buffer_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let done = caller
        .borrow::<TcpSocket>(this)
        .descriptor()
        .and_then(|fd| options::set_size(fd, SocketOption::SendBuffer, size));
    answer_unit(caller, result, done);
}
