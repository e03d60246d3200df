//! WASI 0.2: the functions of `wasm_aot_abi::wasi2`, on the flat signatures of the canonical ABI, on top of `sys` and of
//! what preview 1 has. Whatever a component passes goes through [`crate::component::Caller`], which each function gets as
//! its last parameter, and whose `check` it calls first. The linker drops the functions that a program doesn't import.

mod cli;
mod clocks;
mod filesystem;
#[cfg(feature = "servers")]
pub mod http;
pub mod io;
mod random;
mod sockets;
