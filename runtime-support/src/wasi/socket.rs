//! `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`. Nothing gives a preview 1 guest a
//! socket, so whatever descriptor it names is none.

use super::descriptor;
use super::types::{Errno, Result, answer};

fn no_socket(number: u32) -> Result<()> {
    descriptor::get(number)?;
    Err(Errno::NOTSOCK)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_accept(fd: u32, _flags: u32, _result: u32) -> i32 {
    answer(no_socket(fd))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_recv(
    fd: u32,
    _iovecs: u32,
    _count: u32,
    _flags: u32,
    _size: u32,
    _result_flags: u32,
) -> i32 {
    answer(no_socket(fd))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_send(
    fd: u32,
    _iovecs: u32,
    _count: u32,
    _flags: u32,
    _size: u32,
) -> i32 {
    answer(no_socket(fd))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_sock_shutdown(fd: u32, _how: u32) -> i32 {
    answer(no_socket(fd))
}
