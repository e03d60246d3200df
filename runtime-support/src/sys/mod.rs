//! What the operating system does, apart from any WASI calling convention. Each system has a folder with the
//! same modules; nothing outside of them knows which one it is.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "windows")]
mod windows;

mod errno;
pub mod lock;
mod open_flags;
mod types;

pub use errno::{Errno, Result};
pub use open_flags::OpenFlags;

#[cfg(target_os = "linux")]
pub use linux::*;
#[cfg(target_os = "macos")]
pub use macos::*;
#[cfg(target_os = "windows")]
pub use windows::*;
