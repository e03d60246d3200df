//! The ground floor, with `fail`: the stacks of Wasm code, their frames, and resuming elsewhere on them. Everything
//! that traps, throws, or walks the stack stands on it.
//!
//! - `bounds`: where stacks and their guards are;
//! - `frame`: from a frame to its caller, `walk`: to all callers;
//! - `resume`: continuing at a landing, with other registers;
//! - `catch`: calling a function and returning from the middle of it.

#[macro_use]
mod assembly;

#[cfg_attr(target_arch = "aarch64", path = "resume_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "resume_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "resume_s390x.rs")]
#[cfg_attr(all(target_arch = "x86_64", not(target_os = "windows")), path = "resume_x86_64.rs")]
#[cfg_attr(all(target_arch = "x86_64", target_os = "windows"), path = "resume_x86_64_windows.rs")]
#[macro_use]
mod arch;

#[cfg_attr(feature = "libraries", path = "../library/bounds.rs")]
pub mod bounds;
#[cfg(not(feature = "libraries"))]
pub mod catch;
pub mod frame;
pub mod resume;
pub mod walk;
