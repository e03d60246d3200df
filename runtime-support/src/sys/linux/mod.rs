//! Linux, by raw system calls.

#[cfg(target_arch = "aarch64")]
#[path = "syscall_aarch64.rs"]
mod syscall;
#[cfg(target_arch = "riscv64")]
#[path = "syscall_riscv64.rs"]
mod syscall;
#[cfg(target_arch = "s390x")]
#[path = "syscall_s390x.rs"]
mod syscall;
#[cfg(target_arch = "x86_64")]
#[path = "syscall_x86_64.rs"]
mod syscall;

#[cfg(not(target_arch = "x86_64"))]
#[path = "cpu_hwcap.rs"]
pub mod cpu;
#[cfg(target_arch = "x86_64")]
#[path = "../cpu_x86_64.rs"]
pub mod cpu;

#[macro_use]
mod restorer;

#[cfg_attr(target_arch = "aarch64", path = "context_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "context_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "context_s390x.rs")]
#[cfg_attr(target_arch = "x86_64", path = "context_x86_64.rs")]
pub mod context;

#[cfg(feature = "libraries")]
pub mod action;
#[cfg(feature = "libraries")]
pub mod caller;
#[cfg(feature = "libraries")]
#[path = "../chain.rs"]
pub mod chain;
pub mod clock;
pub mod dir;
#[cfg(not(any(test, feature = "libraries")))]
mod entry;
pub mod file;
pub mod futex;
#[cfg(feature = "libraries")]
pub mod image;
pub mod inet;
pub mod map;
pub(super) mod numbers;
pub mod poll;
#[path = "../poll_fd.rs"]
mod poll_fd;
pub mod process;
pub mod procfs;
pub mod random;
#[cfg(not(feature = "libraries"))]
mod relocate;
#[cfg(not(any(test, feature = "libraries")))]
mod relro;
pub mod resolve;
pub mod scan;
#[cfg(feature = "servers")]
pub mod server;
pub mod signal;
#[path = "../sockaddr.rs"]
mod sockaddr;
pub mod socket;
// The test of `futex` has an entry of its own, and libraries have none.
#[cfg(not(any(test, feature = "libraries")))]
#[path = "../stack_mapped.rs"]
pub mod stack;
pub mod start;
#[cfg(not(any(test, feature = "libraries")))]
#[cfg_attr(target_arch = "aarch64", path = "switch_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "switch_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "switch_s390x.rs")]
#[cfg_attr(target_arch = "x86_64", path = "switch_x86_64.rs")]
mod switch;
#[cfg(not(feature = "libraries"))]
pub mod thread;
pub mod timer;
mod vdso;

pub use process::{exit, write_stderr, write_stdout};
pub use syscall::{syscall3, syscall4, syscall6};

use super::{Errno, OpenFlags, Result};

/// Splits a raw result into value and error.
#[inline(always)]
pub fn check(result: isize) -> Result<usize> {
    if (-4095..0).contains(&result) { Err(Errno(-result as u32)) } else { Ok(result as usize) }
}
