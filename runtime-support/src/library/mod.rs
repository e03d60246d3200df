//! Library mode: Wasm code inside a native program, which it must never end. See `wasm_aot_abi::library` for the functions
//! that compiled code calls, and `docs/libraries-inside.md` for how all this works together.
//!
//! - `enter`, `owner`: calls, one thread at a time;
//! - `leave`, `report`, `fault`: how a trap ends a call;
//! - `life`, `state`, `memory`, `idle`, `cpu`: making and unmaking instances;
//! - `options`, `wasi`, `streams`: what WASI functions see;
//! - `interface`: the rest of the functions that compiled code calls.

use wasm_aot_abi::library::{Instance, LibraryInfo};

use crate::stack::frame::Frame;

pub mod cpu;
pub mod enter;
pub mod fault;
mod idle;
mod interface;
pub mod leave;
mod life;
pub mod memory;
pub mod options;
mod owner;
pub mod raise;
mod report;
mod state;
pub mod streams;
pub mod wasi;

unsafe extern "C" {
    /// `wasm_aot_abi::library::LIBRARY`.
    static wasm_aot_library: LibraryInfo;
}

/// The library that this runtime was linked with.
pub fn info() -> &'static LibraryInfo {
    // SAFETY: the compiler defines the symbol in every library, with this layout.
    unsafe { &wasm_aot_library }
}

/// The instance whose call is under way in this thread. Called below Wasm code only, and below functions that make
/// instances.
pub fn current() -> *mut Instance {
    let only = info().state;
    if !only.is_null() {
        return only;
    }
    match enter::instance_of(Frame::current()) {
        Some(instance) => instance,
        None => leave::abort(b"a function of the runtime was called from outside of an instance"),
    }
}
