//! What the operating system does, apart from any WASI calling convention. Each system has a folder with the
//! same modules; nothing outside of them knows which one it is.
//!
//! # A new system
//!
//! Its folder provides everything that `provides!` lists below, which is checked when the runtime is compiled for it. Start
//! with a copy of `unsupported/`, where each function fails. Beside these functions it has
//!
//! - `numbers`: the numbers behind [`Errno`] and [`OpenFlags`], its own or those of Linux;
//! - the entry of the executable, which keeps the arguments and the environment and calls `crate::start::run`;
//! - `context`: `Context`, the registers of interrupted code, with the methods that `stack/frame_*.rs` uses for the
//!   instruction set; and in `signal` `STACK_BYTES`, what a thread's handlers need of a stack of their own (0: they need none);
//! - in `dir`: `AT_FDCWD`, the descriptor that stands for the working directory; `PATH_MAX`, bytes of the longest path with
//!   its terminator; `OPENS_PATHS`, whether everything and not only a directory can be opened with `OpenFlags::PATH`.
//!
//! A function that the system has no counterpart for fails with `Errno::NOSYS` or `Errno::NOTSUP`. A call that a signal
//! interrupted is repeated, but for `poll`. `types` has the structures that all systems share, `lock` is made of `futex`.
//! Files that several systems have in common stand here and are included by path.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
mod unsupported;
#[cfg(target_os = "windows")]
mod windows;

#[cfg(feature = "libraries")]
mod abort;
pub mod c_str;
mod errno;
pub mod lock;
mod open_flags;
mod types;

#[cfg(feature = "libraries")]
pub use abort::abort;
pub use errno::{Errno, Result};
pub use open_flags::OpenFlags;
pub use types::GUARD_BYTES;

#[cfg(target_os = "linux")]
pub use linux::*;
#[cfg(target_os = "macos")]
pub use macos::*;
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
pub use unsupported::*;
#[cfg(target_os = "windows")]
pub use windows::*;

// The test of `futex` has an entry of its own, and so not all of it.
#[cfg(not(test))]
mod contract;
