//! What the compiler and the runtime must agree on: layouts, symbol names, trap codes and byte
//! formats, with encoder and decoder side by side.
//!
//! The compiler writes these structures as data of the output object (with relocations for the
//! pointers), the runtime reads them through `extern` statics: both by the names of their fields, see [`shared`].
//! Both sides are 64-bit; integers are in the target's byte order.
#![no_std]

pub mod builtin;
pub mod bundle;
pub mod canonical;
pub mod component;
pub mod concurrent;
pub mod cpu;
pub mod exception;
pub mod gc;
pub mod host;
pub mod http;
pub mod invoke;
pub mod layout;
pub mod library;
pub mod line;
pub mod network;
pub mod policy;
pub mod post_mortem;
pub mod preinit;
pub mod relro;
pub mod server;
pub mod service;
pub mod shared;
pub mod symbols;
pub mod trace;
pub mod trap;
pub mod wasi2;
pub mod wasi3;
pub mod wave;
