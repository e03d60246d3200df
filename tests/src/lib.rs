//! What the tests share: programs of tests are data, and this crate runs them. Each file of `tests/tests` is one suite;
//! docs/testing.md says what each proves.

pub mod bench;
pub mod cli;
pub mod component;
pub mod debug;
pub mod filetests;
pub mod fuzz;
pub mod harness;
pub mod libraries;
pub mod macho;
pub mod programs;
pub mod server;
pub mod services;
pub mod shared;
pub mod spec;
