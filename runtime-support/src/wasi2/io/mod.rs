//! `wasi:io`.

pub mod poll;
pub mod streams;
