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
}
