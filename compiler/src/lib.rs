//! wasm-aot: an ahead-of-time compiler from WebAssembly to self-contained native executables.
//!
//! [`Compiler`] compiles a module or a component for a [target](targets::Target) to an [`Artifact`]; a failure is an
//! [`Error`], which knows the function and the byte offset in the module. A build script can do without the command line
//! and its dependencies: `default-features = false`.
//!
//! ```
//! use wasm_aot::{Compiler, ErrorKind, targets::Target};
//!
//! // (module (import "env" "f" (func)))
//! let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0";
//! let error = Compiler::new(Target::find("x86_64-linux")?).compile(wasm).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::UnknownImport);
//! assert!(error.message().contains("function env.f"));
//! assert!(error.help().unwrap().contains("--trap-unknown-imports"));
//! # Ok::<(), wasm_aot::Error>(())
//! ```
//!
//! # Phases
//!
//! The modules below are the compiler's parts; unlike the interface above, they change from version to version. Data
//! flows one way: bytes → [`parse::Module`] → [`program::Program`] → [`facts::Facts`] → [`layout::Layout`] → CLIF →
//! [`codegen::CompiledFunction`] → object → executable. No stage changes what an earlier one made.

pub mod build_script;
#[cfg(all(target_os = "linux", feature = "cli"))]
pub mod cache;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codegen;
mod compiler;
pub mod component;
pub mod debug;
pub mod driver;
pub mod entry;
pub mod error;
pub mod escape;
pub mod facts;
pub mod layout;
pub mod library;
pub mod link;
pub mod lookup;
pub mod metadata;
pub mod modules;
pub mod object;
pub mod optimise;
pub mod output;
pub mod parse;
pub mod policy;
pub mod preinit;
pub mod program;
#[cfg(feature = "cli")]
pub mod sbom;
pub mod sizes;
pub mod targets;
pub mod translate;

pub use compiler::{Artifact, Compiler};
pub use driver::Emit;
pub use error::{Error, ErrorKind};
