//! What the operating system does, apart from any WASI calling convention.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::*;
