//! What a program has in whose core dumps somebody will look: one with debug information, or with `--core-on-trap`.

use crate::layout::Report;
use crate::shared::shared;

/// The variable by which the user says whether a trap ends the process so that a core dump is made: `1` or `0`.
pub const CORE: &str = "WASM_AOT_CORE";

shared! {
    /// It has the symbol [`crate::symbols::POST_MORTEM`].
    pub struct PostMortem<P> {
        /// What the program runs.
        pub main: P::Code<extern "C" fn()>,
        /// Shows the frames of a trap.
        pub report: P::Code<Report>,
        /// Whether a trap ends the process so if the user doesn't say otherwise: 0 or 1.
        pub core_on_trap: u64,
        /// Whether the user can't say otherwise: 0 or 1.
        pub is_locked: u64,
    }
}
