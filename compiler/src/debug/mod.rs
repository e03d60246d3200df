//! Debug information: from the DWARF, or the source map, of the program's modules to native DWARF, and to lines for traps.
//!
//! Whatever a module has for debug information is untrusted: what can't be read, or doesn't describe the module's code, is
//! left out, with one warning for each module.

pub mod address;
mod convert;
pub mod input;
mod inputs;
pub mod lines;
pub mod location;
mod native;
pub mod sections;
#[cfg(test)]
mod tests;

pub use input::{DebugFile, Input, Text, referred};
pub use inputs::{Generated, Inputs};
pub use native::native;
