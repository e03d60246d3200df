//! The types and abstract functions that a unit needs and its DWARF doesn't have.

use std::collections::HashMap;

use super::die::Reference;
use crate::parse::DefinedIndex;

/// A type or a function that is made for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Made {
    /// An unsigned number of this many bytes.
    Unsigned(u8),
    /// A native pointer to bytes.
    Bytes,
    /// The type with native pointers for the entry of a type: number of the unit, and index.
    Twin(u32, u32),
    /// The abstract function of which inlined calls are instances.
    Function(DefinedIndex),
}

/// The types that are made for a unit.
#[derive(Default)]
pub struct MadeTypes {
    numbers: HashMap<Made, u32>,
    all: Vec<Made>,
    offsets: Vec<u32>,
}

impl MadeTypes {
    /// Where one is in the unit's part of `.debug_info`.
    pub fn offset(&self, number: u32) -> u32 {
        self.offsets[number as usize]
    }

    /// The next one to be written.
    pub fn next(&self) -> Option<Made> {
        self.all.get(self.offsets.len()).copied()
    }

    /// Notes where that one is in the unit's part of `.debug_info`.
    pub fn written(&mut self, offset: u32) {
        self.offsets.push(offset);
    }

    pub fn reference(&mut self, made: Made) -> Reference {
        let all = &mut self.all;
        let number = self.numbers.entry(made).or_insert_with(|| {
            all.push(made);
            all.len() as u32 - 1
        });
        Reference::Made(*number)
    }
}
