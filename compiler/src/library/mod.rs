//! A module as a library of native programs: what its interface is, and that interface as text for C and Rust. Nothing
//! here generates code.

mod interface;
mod names;
mod value;

pub use interface::{Function, Global, Handler, Import, Interface, Memory, Options, Table};
pub use names::{is_identifier, prefix, trap};
pub use value::{Field, Return, Value, structure};
