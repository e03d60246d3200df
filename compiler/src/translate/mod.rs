//! Translates programs and functions to CLIF.
//!
//! A Wasm function becomes a function with exactly its Wasm parameters: no context. Everything else that it
//! needs has an address known when the program is linked. (In a library it has the address of its instance's state as
//! its first parameter, since there may be many instances.) The module is validated, so translation can't fail
//! on its contents, unless an unsupported feature is enabled.

mod atomic;
mod call;
mod control;
mod environment;
mod exception;
mod frame;
mod fuel;
mod function;
mod gc;
mod handlers;
mod invoke;
mod labels;
mod legacy;
mod library;
mod local;
mod memory;
mod name;
mod numeric;
mod operator;
mod reference;
mod simd;
mod synthetic;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod translator;
mod tries;
mod wide;

pub use environment::{Environment, HEAP_ACCESS, Options};
pub use function::translate_function;
pub use labels::{Labels, Span, Subject, Wanted};
pub use library::{translate_instantiate, translate_interface, translate_interface_body};
pub use name::symbol_of;
pub use synthetic::{
    translate_command, translate_entry, translate_main, translate_spilled_entry, translate_stub,
    translate_thread_main, translate_trampoline, translate_unknown_import,
};
pub use trace::translate_traced;
