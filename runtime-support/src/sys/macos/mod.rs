//! macOS, by functions of libSystem: public ones that macOS 11 has.

#[cfg(target_arch = "aarch64")]
#[path = "cpu_aarch64.rs"]
pub mod cpu;
#[cfg(target_arch = "x86_64")]
#[path = "../cpu_x86_64.rs"]
pub mod cpu;

mod error;
pub mod scan;

#[cfg(feature = "libraries")]
pub mod action;
#[cfg(feature = "libraries")]
pub mod caller;
#[cfg(feature = "libraries")]
#[path = "../chain.rs"]
pub mod chain;
pub mod clock;
pub mod context;
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
pub(super) mod numbers;
pub mod poll;
#[path = "../poll_fd.rs"]
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
#[cfg(not(feature = "libraries"))]
#[path = "../stack_mapped.rs"]
pub mod stack;
pub mod start;
#[cfg(not(feature = "libraries"))]
mod switch;
#[cfg(not(feature = "libraries"))]
pub mod thread;
pub mod timer;

pub use process::{exit, write_stderr, write_stdout};

use super::{Errno, OpenFlags, Result};
