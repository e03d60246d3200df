//! What a feature of programs adds to the object: this folder knows no feature by name.

use wasm_aot_abi::shared::{Encode, Sink};

use super::word::{Location, Word};
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

impl Contents {
    /// Structures that consist of words.
    pub fn structures<T: Encode<Location>>(items: &[T]) -> Contents {
        let mut words = Words(Vec::new());
        items.iter().for_each(|item| item.encode(&mut words));
        Contents::Words(words.0)
    }
}

/// Collects words.
struct Words(Vec<Word>);

impl Sink<Location> for Words {
    fn u8(&mut self, _: u8) {
        unreachable!("only words");
    }

    fn u32(&mut self, _: u32) {
        unreachable!("only words");
    }

    fn u64(&mut self, value: u64) {
        self.0.push(Word::Number(value));
    }

    fn address(&mut self, address: Option<Location>) {
        self.0.push(address.map_or(Word::Number(0), Word::Place));
    }
}
