//! Tests with made-up modules.
//!
//! - Differential: a seed becomes a module ([`generate`]) and a list of calls ([`script`]); the
//!   program that wasm-aot makes of them and wasmtime ([`oracle`]) must print the same lines
//!   ([`compare`]).
//! - Mutation: damaged modules ([`mutate`]) and components ([`components`]) and modules that ask for too much ([`hostile`]) must
//!   be refused or compiled, nothing else.
//! - What the fuzzer feeds to the compiler ([`translate`]).
//!
//! Everything follows from fixed seeds: a failure is reproduced by its number.

pub mod compare;
pub mod components;
pub mod generate;
pub mod hostile;
pub mod loops;
pub mod mutate;
pub mod objects;
pub mod oracle;
pub mod prospects;
pub mod random;
pub mod references;
pub mod rewrite;
pub mod script;
pub mod sections;
pub mod translate;
