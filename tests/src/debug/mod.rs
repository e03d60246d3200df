//! Debuggers on compiled programs: scripts of `tests/debug/scripts`, and samples of values that are compared with those of
//! the same program for the host.

pub mod debugger;
pub mod samples;
pub mod script;
pub mod suite;
