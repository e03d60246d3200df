//! What a program has whose code calls through tables that nothing writes: once their addresses are relocated, they are made
//! read-only (RELRO). Only ELF has it: the loaders of other systems relocate, and protect, such data themselves.

use crate::shared::shared;

shared! {
    /// It has the symbol [`crate::symbols::RELRO`].
    pub struct Relro<P> {
        /// What the program runs.
        pub main: P::Code<extern "C" fn()>,
    }
}
