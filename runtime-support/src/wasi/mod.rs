//! WASI preview 1: the calling convention between the guest and `sys`; `preview0` has what is
//! different in preview 0. Each host function is a symbol of its own
//! (`wasm_aot_abi::symbols::WASI_PREFIX` and its name) with the core Wasm signature of the witx file;
//! the linker drops those that a program doesn't import. Whatever the guest passes, a host function
//! touches only the guest's memory (through `memory::guest`), the open descriptors (through
//! `descriptor`) and what lies beneath the granted directories (through `resolve`).
//!
//! `files` has what does not depend on the version of WASI, and so 0.2 has it, too.

pub(crate) mod args;
pub(crate) mod bundle;
mod clock;
pub mod descriptor;
mod dir_entries;
mod fdstat;
mod file;
pub(crate) mod files;
mod filestat;
#[cfg(not(feature = "libraries"))]
mod fixed;
pub(crate) mod grants;
mod listeners;
mod native;
mod open;
pub(crate) mod opened;
pub(crate) mod path;
mod poll;
mod preview0;
mod process;
mod procfs;
mod random;
mod readdir;
mod resolve;
mod socket;
pub mod trace;
pub(crate) mod types;
pub(crate) mod user;
mod walk;
