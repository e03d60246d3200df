//! The runtime-support library that is linked into every executable: start-up, traps, memories,
//! tables and WASI. No `std`, no libc: `sys` talks to the operating system, everything else is
//! portable. The linker drops the sections that a program does not use, so nothing here may be
//! referenced from `start` unless every program needs it.
#![no_std]
// Some functions are for components alone, others for executables.
#![cfg_attr(not(feature = "components"), allow(dead_code))]
#![allow(clippy::missing_safety_doc)]

#[macro_use]
mod section;

#[cfg(feature = "libraries")]
#[macro_use]
#[path = "sys/thread_pointer.rs"]
mod thread_pointer;

#[macro_use]
mod stack;

// Of what it names, libraries have a part.
#[cfg(not(feature = "libraries"))]
mod builtin;
#[cfg(feature = "components")]
pub mod component;
pub mod exception;
#[cfg(not(feature = "libraries"))]
pub mod exit;
pub mod fail;
// Elsewhere, the compiler refuses programs that make objects.
#[cfg(not(any(target_os = "macos", feature = "libraries")))]
pub mod gc;
#[cfg(not(feature = "libraries"))]
pub mod invoke;
#[cfg(feature = "libraries")]
mod library;
mod line;
pub mod math;
pub mod memory;
#[cfg(not(feature = "libraries"))]
mod post_mortem;
#[cfg(not(feature = "libraries"))]
mod preinit;
pub mod program;
#[cfg(not(feature = "libraries"))]
pub mod script;
// Elsewhere, the compiler refuses components that would be servers.
#[cfg(feature = "servers")]
mod server;
#[cfg(not(feature = "libraries"))]
pub mod start;
pub mod sys;
pub mod table;
#[cfg(not(feature = "libraries"))]
pub mod thread;
#[cfg(not(feature = "libraries"))]
pub mod trap;
pub mod wasi;
#[cfg(feature = "components")]
pub mod wasi2;
#[cfg(feature = "components")]
mod wasi3;

#[cfg(feature = "libraries")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    library::leave::panicked()
}

#[cfg(not(feature = "libraries"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    sys::write_stderr(b"wasm-aot: internal error in the runtime\n");
    sys::exit(fail::INTERNAL_ERROR_EXIT_CODE)
}
