//! The options of UDP sockets.

use super::answer::{answer_u8, answer_u64, answer_unit};
use super::options;
use super::udp::UdpSocket;
use crate::component::Caller;
use crate::sys::inet::SocketOption;

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_unicast_hop_limit(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_u8(caller, result, options::hop_limit(socket.fd, socket.family));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_set_unicast_hop_limit(
    this: u32,
    limit: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_unit(caller, result, options::set_hop_limit(socket.fd, socket.family, limit as u8));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_receive_buffer_size(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_u64(caller, result, options::size(socket.fd, SocketOption::ReceiveBuffer));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_set_receive_buffer_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_unit(caller, result, options::set_size(socket.fd, SocketOption::ReceiveBuffer, size));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_send_buffer_size(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_u64(caller, result, options::size(socket.fd, SocketOption::SendBuffer));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_udp_udp_socket_set_send_buffer_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let socket = caller.borrow::<UdpSocket>(this);
    answer_unit(caller, result, options::set_size(socket.fd, SocketOption::SendBuffer, size));
}
