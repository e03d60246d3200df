//! Lists of ranges and of places (DWARF 5, sections 2.6.2, 2.17.3, 7.25 and 7.29). A list of a function gives its symbol once, as the
//! base of what follows, in as few bytes as the distances from it take.

use std::ops::Range;

use gimli::constants::{
    DW_LLE_base_address, DW_LLE_end_of_list, DW_LLE_offset_pair, DW_RLE_base_address, DW_RLE_end_of_list,
    DW_RLE_offset_pair, DW_RLE_start_length,
};

use crate::debug::location::Expression;
use crate::debug::sections::{Name, Section, Sections};
use crate::layout::Symbol;

/// The lists of a unit.
#[derive(Default)]
pub struct Lists {
    /// Where the lengths of the unit's parts of `.debug_rnglists` and `.debug_loclists` are, once these have begun.
    lengths: [Option<u32>; 2],
}

impl Lists {
    /// The section, in which the unit's part has begun.
    fn section<'o>(&mut self, sections: &'o mut Sections, name: Name) -> &'o mut Section {
        let section = sections.get(name);
        self.lengths[usize::from(name == Name::LocLists)].get_or_insert_with(|| {
            let length = section.begin_length();
            section.u16(5);
            section.u8(8); // Bytes of an address.
            section.u8(0); // Bytes of a segment's number.
            section.u32(0); // No table of the lists.
            length
        });
        section
    }

    /// Writes ranges in the code of a function; returns the offset of the list.
    pub fn ranges(&mut self, sections: &mut Sections, symbol: Symbol, ranges: &[Range<u32>]) -> u32 {
        let section = self.section(sections, Name::RngLists);
        let at = section.len();
        section.u8(DW_RLE_base_address.0);
        section.address(symbol, 0);
        for range in ranges {
            pair(section, DW_RLE_offset_pair.0, range);
        }
        section.u8(DW_RLE_end_of_list.0);
        at
    }

    /// Writes the ranges of whole functions, given with the lengths of their code.
    pub fn functions(&mut self, sections: &mut Sections, functions: &[(Symbol, u32)]) -> u32 {
        let section = self.section(sections, Name::RngLists);
        let at = section.len();
        for (symbol, bytes) in functions {
            section.u8(DW_RLE_start_length.0);
            section.address(*symbol, 0);
            section.uleb(u64::from(*bytes));
        }
        section.u8(DW_RLE_end_of_list.0);
        at
    }

    /// Writes places in the code of a function; returns the offset of the list.
    pub fn places(
        &mut self,
        sections: &mut Sections,
        symbol: Symbol,
        places: &[(Range<u32>, Expression)],
    ) -> u32 {
        let section = self.section(sections, Name::LocLists);
        let at = section.len();
        section.u8(DW_LLE_base_address.0);
        section.address(symbol, 0);
        for (range, expression) in places.iter().filter(|(range, _)| !range.is_empty()) {
            pair(section, DW_LLE_offset_pair.0, range);
            section.uleb(expression.bytes.len() as u64);
            section.expression(expression);
        }
        section.u8(DW_LLE_end_of_list.0);
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

fn pair(section: &mut Section, kind: u8, range: &Range<u32>) {
    section.u8(kind);
    section.uleb(u64::from(range.start));
    section.uleb(u64::from(range.end));
}
