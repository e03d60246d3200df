//! Calls of `--invoke` in programs that were components: lowers the arguments, and prints the result in WAVE as
//! `wasmtime run --invoke` does. The compiler describes both (`wasm_aot_abi::wave`).

mod lower;
mod output;
mod print;
mod quoted;

use wasm_aot_abi::wave::Invocation;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::INVOCATION`.
    static wasm_aot_invocation: Invocation;
}

/// The call that the program was built for.
fn invocation() -> &'static Invocation {
    // SAFETY: the compiler defines the symbol in every program that calls what uses it, with this layout.
    unsafe { &wasm_aot_invocation }
}
