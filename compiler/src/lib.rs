//! wasm-aot: an ahead-of-time compiler from WebAssembly to self-contained native executables.
//!
//! Data flows one way: bytes → [`parse::Module`] → [`program::Program`] → [`facts::Facts`] →
//! [`layout::Layout`] → CLIF → [`codegen::CompiledFunction`] → object → executable. No
//! stage changes what an earlier made.

#[cfg(target_os = "linux")]
pub mod cache;
pub mod cli;
pub mod codegen;
pub mod driver;
pub mod embedded;
pub mod entry;
pub mod escape;
pub mod facts;
pub mod interrupt;
mod invoke;
pub mod layout;
pub mod link;
pub mod metadata;
pub mod object;
pub mod output;
pub mod parse;
pub mod policy;
pub mod program;
pub mod progress;
pub mod targets;
pub mod translate;
