//! `wasi:clocks`.

mod monotonic;
mod wall;
