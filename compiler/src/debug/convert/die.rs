//! An entry under construction, and the abbreviations (DWARF 5, section 7.5.3) of a unit.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::collections::HashMap;

use gimli::*;

use crate::debug::location::Expression;
use crate::debug::sections::{Name, Section};
use crate::layout::Symbol;

/// What an entry refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// An entry of the module's DWARF: the number of its unit, and its index there.
    Entry(u32, u32),
    /// An entry that was made for this unit: see `types`.
    Made(u32),
}

/// An entry under construction: its attributes so far.
pub struct Die {
    specifications: Vec<(u16, u16)>,
    body: Section,
    references: Vec<(u32, Reference)>,
}

impl Die {
    pub fn new(big_endian: bool) -> Die {
        Die { specifications: Vec::new(), body: Section::new(big_endian), references: Vec::new() }
    }

    pub fn clear(&mut self) {
        self.specifications.clear();
        self.body.bytes.clear();
        self.body.relocations.clear();
        self.body.references.clear();
        self.references.clear();
    }

    /// Begins an attribute; its value follows.
    fn begin(&mut self, name: DwAt, form: DwForm) -> &mut Section {
        self.specifications.push((name.0, form.0));
        &mut self.body
    }

    pub fn has(&self, name: DwAt) -> bool {
        self.specifications.iter().any(|(other, _)| *other == name.0)
    }

    pub fn flag(&mut self, name: DwAt) {
        self.begin(name, DW_FORM_flag_present);
    }

    pub fn data1(&mut self, name: DwAt, value: u8) {
        self.begin(name, DW_FORM_data1).u8(value);
    }

    pub fn data2(&mut self, name: DwAt, value: u16) {
        self.begin(name, DW_FORM_data2).u16(value);
    }

    pub fn data4(&mut self, name: DwAt, value: u32) {
        self.begin(name, DW_FORM_data4).u32(value);
    }

    pub fn data8(&mut self, name: DwAt, value: u64) {
        self.begin(name, DW_FORM_data8).u64(value);
    }

    pub fn data16(&mut self, name: DwAt, value: u128) {
        self.begin(name, DW_FORM_data16).u128(value);
    }

    pub fn udata(&mut self, name: DwAt, value: u64) {
        self.begin(name, DW_FORM_udata).uleb(value);
    }

    pub fn sdata(&mut self, name: DwAt, value: i64) {
        self.begin(name, DW_FORM_sdata).sleb(value);
    }

    pub fn string(&mut self, name: DwAt, text: &[u8]) {
        self.begin(name, DW_FORM_string).string(text);
    }

    pub fn block(&mut self, name: DwAt, bytes: &[u8]) {
        let body = self.begin(name, DW_FORM_block);
        body.uleb(bytes.len() as u64);
        body.bytes.extend_from_slice(bytes);
    }

    /// A string in a section that the modules' strings are in.
    pub fn shared_string(&mut self, name: DwAt, section: Name, offset: u32) {
        let form = if section == Name::LineStr { DW_FORM_line_strp } else { DW_FORM_strp };
        self.begin(name, form).offset(section, offset);
    }

    /// A place in another section.
    pub fn section(&mut self, name: DwAt, section: Name, offset: u32) {
        self.begin(name, DW_FORM_sec_offset).offset(section, offset);
    }

    pub fn address(&mut self, name: DwAt, symbol: Symbol, addend: u32) {
        self.begin(name, DW_FORM_addr).address(symbol, i64::from(addend));
    }

    /// An address that isn't relocated.
    pub fn constant_address(&mut self, name: DwAt, address: u64) {
        self.begin(name, DW_FORM_addr).u64(address);
    }

    pub fn expression(&mut self, name: DwAt, expression: &Expression) {
        let body = self.begin(name, DW_FORM_exprloc);
        body.uleb(expression.bytes.len() as u64);
        body.expression(expression);
    }

    /// A reference to an entry of this unit.
    pub fn reference(&mut self, name: DwAt, to: Reference) {
        self.references.push((self.body.len(), to));
        self.begin(name, DW_FORM_ref4).u32(0);
    }

    /// A reference to an entry of another unit.
    pub fn far_reference(&mut self, name: DwAt, to: Reference) {
        self.references.push((self.body.len(), to));
        self.begin(name, DW_FORM_ref_addr).u32(0);
    }

    /// Adds the entry to a unit; returns its offset in `info`.
    pub fn finish(
        &self,
        tag: DwTag,
        has_children: bool,
        abbreviations: &mut Abbreviations,
        info: &mut Section,
        references: &mut Vec<(u32, Reference)>,
    ) -> u32 {
        let at = info.len();
        info.uleb(abbreviations.code(tag, has_children, &self.specifications));
        let base = info.len();
        references.extend(self.references.iter().map(|(at, to)| (at + base, *to)));
        info.append(&self.body);
        at
    }
}

impl Section {
    /// The operations of an expression.
    pub fn expression(&mut self, expression: &Expression) {
        let mut done = 0;
        for (offset, symbol, addend) in &expression.addresses {
            let (start, end) = (done, *offset as usize);
            self.bytes.extend_from_slice(&expression.bytes[start..end]);
            self.address(*symbol, *addend);
            done = end + 8;
        }
        self.bytes.extend_from_slice(&expression.bytes[done..]);
    }
}

/// A tag, whether there are children, and the names and forms of attributes.
type Abbreviation = (u16, bool, Vec<(u16, u16)>);

/// The abbreviations of a unit.
#[derive(Default)]
pub struct Abbreviations {
    codes: HashMap<Abbreviation, u64>,
    bytes: Section,
}

impl Abbreviations {
    fn code(&mut self, tag: DwTag, has_children: bool, specifications: &[(u16, u16)]) -> u64 {
        let next = self.codes.len() as u64 + 1;
        let code = *self.codes.entry((tag.0, has_children, specifications.to_vec())).or_insert(next);
        if code == next {
            self.bytes.uleb(code);
            self.bytes.uleb(u64::from(tag.0));
            self.bytes.u8(u8::from(has_children));
            for (name, form) in specifications.iter().chain([&(0, 0)]) {
                self.bytes.uleb(u64::from(*name));
                self.bytes.uleb(u64::from(*form));
            }
        }
        code
    }

    /// The table.
    pub fn finish(mut self) -> Section {
        self.bytes.u8(0);
        self.bytes
    }
}
