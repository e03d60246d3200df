//! A module as a library of native programs: what its interface is, and that interface as text for C and Rust. Nothing
//! here generates code.

mod header;
mod interface;
mod names;
mod rust;
pub mod template;
#[cfg(test)]
mod tests;
mod value;
mod words;

pub use header::header;
pub use interface::{Function, Global, Handler, Import, Interface, Memory, Options, Provider, Table};
pub use names::{is_identifier, prefix, trap};
pub use rust::rust;
pub use value::{Field, Return, Value, structure};
