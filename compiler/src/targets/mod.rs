//! The targets: a row of data for each, in `targets.toml`. Nothing outside this folder and the runtime's `sys` asks
//! which target it is.

mod cpu;
mod find;
mod format;
mod isa;
mod table;
mod target;

pub use cpu::{DebugRegisters, FreeExtensions};
pub use format::{Affixes, Elf, Format};
pub use isa::{Checks, Isa, OptLevel};
pub use table::TARGETS;
pub use target::{RuntimeKind, Target};
