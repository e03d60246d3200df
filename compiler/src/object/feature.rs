//! What a feature of programs adds to the object: this folder knows no feature by name.

use super::word::Word;
use crate::layout::{Layout, Symbol};

/// A feature, as far as it has data of its own.
pub struct Feature {
    /// The symbol of data that the runtime needs, whether or not code refers to it.
    pub placed: fn(&Layout<'_, '_>) -> Option<Symbol>,
    /// What a data symbol stands for, if it is one of the feature's.
    pub data: fn(&Layout<'_, '_>, Symbol) -> Option<Data>,
}

/// The data of a symbol.
pub struct Data {
    /// Whether the program changes it.
    pub writable: bool,
    pub contents: Contents,
}

pub enum Contents {
    Bytes(Vec<u8>),
    Words(Vec<Word>),
}
