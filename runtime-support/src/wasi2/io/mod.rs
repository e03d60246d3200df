//! `wasi:io`.

pub mod buffer;
pub mod error;
mod input;
mod output;
pub mod poll;
pub mod ready;
mod splice;
pub mod streams;
