//! Windows, by functions of kernel32 and ntdll, without a C library.

mod api;

mod error;
mod name;
mod runtime;
pub mod scan;

#[cfg(feature = "libraries")]
pub mod caller;
#[cfg(feature = "libraries")]
pub mod chain;
pub mod clock;
#[cfg_attr(target_arch = "aarch64", path = "context_aarch64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "context_x86_64.rs")]
pub mod context;
#[cfg(target_arch = "aarch64")]
#[path = "cpu_aarch64.rs"]
pub mod cpu;
#[cfg(target_arch = "x86_64")]
#[path = "../cpu_x86_64.rs"]
pub mod cpu;
pub mod dir;
#[cfg(not(feature = "libraries"))]
mod entry;
pub mod file;
pub mod futex;
#[cfg(feature = "libraries")]
#[path = "../no_image.rs"]
pub mod image;
pub mod inet;
pub mod map;
#[path = "../linux_numbers.rs"]
pub(super) mod numbers;
pub mod poll;
mod poll_fd;
pub mod process;
#[path = "../no_procfs.rs"]
pub mod procfs;
pub mod random;
pub mod resolve;
pub mod signal;
#[path = "../sockaddr.rs"]
mod sockaddr;
pub mod socket;
mod sockets;
pub mod stack;
pub mod start;
#[cfg(not(feature = "libraries"))]
pub mod thread;
#[cfg(not(feature = "libraries"))]
mod thread_end;
pub mod timer;
#[cfg(target_arch = "x86_64")]
#[path = "unwind_x86_64.rs"]
mod unwind;
mod winsock;

pub use process::{exit, write_stderr, write_stdout};

use super::{Errno, OpenFlags, Result};
