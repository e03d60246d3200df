//! Lists of ranges and of places (DWARF 4, sections 2.6.2 and 2.17.3; DWARF 5, 7.25 and 7.29). A list of a function gives its
//! symbol once, as the base of what follows.

use std::ops::Range;

use gimli::constants::{
    DW_LLE_base_address, DW_LLE_end_of_list, DW_LLE_offset_pair, DW_RLE_base_address, DW_RLE_end_of_list,
    DW_RLE_offset_pair, DW_RLE_start_length,
};

use crate::debug::location::Expression;
use crate::debug::sections::{Name, Section, Sections};
use crate::layout::Symbol;

/// The lists of a unit.
pub struct Lists {
    pub version: u16,
    /// Where the lengths of the unit's parts of `.debug_rnglists` and `.debug_loclists` are, once these have begun.
    lengths: [Option<u32>; 2],
}

impl Lists {
    pub fn new(version: u16) -> Lists {
        Lists { version, lengths: [None; 2] }
    }

    pub fn ranges_section(&self) -> Name {
        if self.version >= 5 { Name::RngLists } else { Name::Ranges }
    }

    pub fn places_section(&self) -> Name {
        if self.version >= 5 { Name::LocLists } else { Name::Loc }
    }

    /// The section, in which the unit's part has begun.
    fn section<'o>(&mut self, sections: &'o mut Sections, name: Name) -> &'o mut Section {
        let section = sections.get(name);
        if self.version >= 5 {
            self.lengths[usize::from(name == Name::LocLists)].get_or_insert_with(|| {
                let length = section.begin_length();
                section.u16(5);
                section.u8(8); // Bytes of an address.
                section.u8(0); // Bytes of a segment's number.
                section.u32(0); // No table of the lists.
                length
            });
        }
        section
    }

    /// Writes ranges in the code of a function; returns the offset of the list.
    pub fn ranges(&mut self, sections: &mut Sections, symbol: Symbol, ranges: &[Range<u32>]) -> u32 {
        let name = self.ranges_section();
        let (version, section) = (self.version, self.section(sections, name));
        let at = section.len();
        begin(section, version, DW_RLE_base_address.0, symbol);
        for range in ranges {
            pair(section, version, DW_RLE_offset_pair.0, range);
        }
        end(section, version, DW_RLE_end_of_list.0);
        at
    }

    /// Writes the ranges of whole functions, given with the lengths of their code.
    pub fn functions(&mut self, sections: &mut Sections, functions: &[(Symbol, u32)]) -> u32 {
        let name = self.ranges_section();
        let (version, section) = (self.version, self.section(sections, name));
        let at = section.len();
        for (symbol, bytes) in functions {
            if version >= 5 {
                section.u8(DW_RLE_start_length.0);
                section.address(*symbol, 0);
                section.uleb(u64::from(*bytes));
            } else {
                section.address(*symbol, 0);
                section.address(*symbol, i64::from(*bytes));
            }
        }
        end(section, version, DW_RLE_end_of_list.0);
        at
    }

    /// Writes places in the code of a function; returns the offset of the list.
    pub fn places(
        &mut self,
        sections: &mut Sections,
        symbol: Symbol,
        places: &[(Range<u32>, Expression)],
    ) -> u32 {
        let name = self.places_section();
        let (version, section) = (self.version, self.section(sections, name));
        let at = section.len();
        begin(section, version, DW_LLE_base_address.0, symbol);
        for (range, expression) in places.iter().filter(|(range, _)| !range.is_empty()) {
            let length = expression.bytes.len();
            match u16::try_from(length) {
                _ if version >= 5 => {
                    pair(section, version, DW_LLE_offset_pair.0, range);
                    section.uleb(length as u64);
                }
                Ok(length) => {
                    pair(section, version, DW_LLE_offset_pair.0, range);
                    section.u16(length);
                }
                Err(_) => continue,
            }
            section.expression(expression);
        }
        end(section, version, DW_LLE_end_of_list.0);
        at
    }

    /// Ends the unit's parts of sections.
    pub fn finish(self, sections: &mut Sections) {
        for (length, name) in self.lengths.into_iter().zip([Name::RngLists, Name::LocLists]) {
            if let Some(length) = length {
                sections.get(name).end_length(length);
            }
        }
    }
}

fn begin(section: &mut Section, version: u16, kind: u8, symbol: Symbol) {
    if version >= 5 {
        section.u8(kind);
    } else {
        section.u64(u64::MAX);
    }
    section.address(symbol, 0);
}

fn pair(section: &mut Section, version: u16, kind: u8, range: &Range<u32>) {
    if version >= 5 {
        section.u8(kind);
        section.uleb(u64::from(range.start));
        section.uleb(u64::from(range.end));
    } else {
        section.u64(u64::from(range.start));
        section.u64(u64::from(range.end));
    }
}

fn end(section: &mut Section, version: u16, kind: u8) {
    if version >= 5 {
        section.u8(kind);
    } else {
        section.u64(0);
        section.u64(0);
    }
}
