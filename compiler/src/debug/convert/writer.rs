//! The state of a unit that is being written.

use std::collections::HashMap;
use std::rc::Rc;

use gimli::UnitRef;

use super::context::Context;
use super::die::{Abbreviations, Die, Reference};
use super::inlined::Inlined;
use super::lines::Row;
use super::made::MadeTypes;
use super::marks::Marks;
use super::ranges::Lists;
use super::survey::Survey;
use crate::debug::address::Codes;
use crate::debug::input::Reader;
use crate::debug::location::Scope;
use crate::debug::sections::Sections;

/// A unit that is being written.
pub struct Writer<'w, 'p, 'a> {
    pub context: &'w Context<'w, 'p, 'a>,
    pub codes: &'w Codes<'w>,
    pub marks: &'w Marks,
    pub survey: &'w Survey,
    pub number: u32,
    pub unit: UnitRef<'w, Reader<'a>>,
    pub sections: Sections,
    pub lists: Lists,
    pub abbreviations: Abbreviations,
    /// The current entry.
    pub die: Die,
    pub offsets: Vec<u32>,
    pub references: Vec<(u32, Reference)>,
    pub has_lines: bool,
    /// What the expressions of the last function refer to, by its entry.
    pub scope: Option<(Option<u32>, Rc<Scope<'w, 'p, 'a>>)>,
    /// The rows of its line program.
    pub rows: &'w [Row],
    /// The inlined calls that are to be written into entries of the current function, by the entries' indices.
    pub inlined: HashMap<u32, Vec<u32>>,
    pub inlined_calls: Option<Inlined>,
    /// All units of the module.
    pub units: &'w [UnitRef<'w, Reader<'a>>],
    pub made: MadeTypes,
    /// Names of types by their offsets in `.debug_info`.
    pub names: HashMap<u32, String>,
    /// The bytes of names of pointers that may still be written.
    pub names_left: usize,
    /// How long the unit's part of the section of places may become, but for the last one.
    pub most_places: usize,
}

/// The most bytes of lists of places, and of names of pointers, for each byte of the module's unit. A name that many pointers have, or
/// the parts into which code has been taken, could make more of an entry of some bytes; compilers' units need one or two.
const OUTPUT_PER_BYTE: usize = 32;

/// What a unit may have of each in any case, in bytes.
const FREE: usize = 64 << 10;

/// The bounds of a unit of so many bytes.
pub fn most_output(bytes: usize) -> usize {
    bytes.saturating_mul(OUTPUT_PER_BYTE).saturating_add(FREE)
}
