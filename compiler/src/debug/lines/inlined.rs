//! Inlined calls: which parts of the code are whose.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::cmp::Reverse;

use gimli::{
    AttributeValue, DW_AT_abstract_origin, DW_AT_call_column, DW_AT_call_file, DW_AT_call_line,
    DW_AT_linkage_name, DW_AT_name, DW_AT_ranges, DW_AT_specification, DW_TAG_inlined_subroutine,
    DW_TAG_subprogram, DebugInfoOffset, DebuggingInformationEntry, EndianSlice, Endianity, Unit, UnitOffset,
    UnitRef,
};

use super::files::UnitFiles;
use super::place::{InlinedCall, Position};
use crate::debug::input::{lists, strings};

/// Inlined calls.
pub struct Inlined {
    pub calls: Vec<InlinedCall>,
    /// The ranges of calls, those of an inner one behind those of the outer: start, end, number.
    ranges: Vec<(u64, u64, u32)>,
    /// From where on which call is the innermost one, ascending.
    innermost: Vec<(u64, u32)>,
    /// How many ranges, and bytes of names, may still be added.
    left: usize,
}

/// Longer names are cut off.
const MOST_NAME: usize = 4096;

/// The most references from an entry to the one that has its name.
const MOST_REFERENCES: usize = 8;

impl Inlined {
    /// `bytes`: the size of the debug information.
    pub fn new(bytes: usize) -> Inlined {
        Inlined {
            calls: Vec::new(),
            ranges: Vec::new(),
            innermost: Vec::new(),
            left: bytes.saturating_mul(4),
        }
    }

    /// Adds the calls in a unit, one of `units`.
    pub fn read<'d, E: Endianity>(
        &mut self,
        unit: UnitRef<'_, EndianSlice<'d, E>>,
        units: &[Unit<EndianSlice<'d, E>>],
        files: &UnitFiles,
        is_code: &dyn Fn(u64) -> bool,
    ) {
        // The inlined calls around the current entry, with their depths.
        let mut around: Vec<(isize, u32)> = Vec::new();
        let Ok(mut entries) = unit.entries_raw(None) else { return };
        let mut entry = DebuggingInformationEntry::null();
        while !entries.is_empty() {
            let (here, depth) = (entries.clone(), entries.next_depth());
            let Ok(abbreviation) = entries.read_abbreviation() else { return };
            let Some(abbreviation) = abbreviation else { continue };
            // Most entries needn't be decoded.
            if entries.skip_attributes(abbreviation.attributes()).is_err() {
                return;
            }
            while around.last().is_some_and(|(outer, _)| *outer >= depth) {
                around.pop();
            }
            match abbreviation.tag() {
                DW_TAG_inlined_subroutine => {}
                // Those in a function of the source aren't in its code.
                DW_TAG_subprogram => {
                    around.push((depth, 0));
                    continue;
                }
                _ => continue,
            }
            let mut here = here;
            if !here.read_entry(&mut entry).unwrap_or(false) {
                return;
            }
            let entry = &entry;
            let parent = around.last().map_or(0, |(_, call)| *call);
            let number = self.calls.len() as u32 + 1;
            if !self.add_ranges(unit, entry, number, is_code) {
                continue;
            }
            let value = |name| {
                let value = entry.attr_value(name)?;
                // Some forms of constants are read as file indices.
                match value {
                    AttributeValue::FileIndex(index) => Some(index),
                    value => value.udata_value(),
                }
            };
            let small = |name| value(name).and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
            let position = Position {
                file: value(DW_AT_call_file).map_or(0, |index| files.number(index)),
                line: small(DW_AT_call_line),
                column: small(DW_AT_call_column),
            };
            let name = name(unit, units, entry).unwrap_or_default();
            self.left = self.left.saturating_sub(name.len());
            self.calls.push(InlinedCall { parent, name, position });
            around.push((entry.depth(), number));
        }
    }

    /// Adds the ranges of an entry in code; whether there are any.
    fn add_ranges<'d, E: Endianity>(
        &mut self,
        unit: UnitRef<'_, EndianSlice<'d, E>>,
        entry: &DebuggingInformationEntry<EndianSlice<'d, E>>,
        call: u32,
        is_code: &dyn Fn(u64) -> bool,
    ) -> bool {
        let before = self.ranges.len();
        let Ok(mut ranges) = unit.die_ranges(entry) else { return false };
        let lists = entry.attrs().iter().filter(|attribute| attribute.name() == DW_AT_ranges);
        let count = lists.map(|list| lists::ranges(unit, list.value(), self.left)).sum::<usize>().max(1);
        let left = self.left.checked_sub(count);
        self.left = left.unwrap_or(0);
        if left.is_none() {
            return false;
        }
        while let Ok(Some(range)) = ranges.next() {
            if range.begin < range.end && is_code(range.begin) {
                self.ranges.push((range.begin, range.end, call));
            }
        }
        self.ranges.len() > before
    }

    /// Finds out which is the innermost one everywhere.
    pub fn sort(&mut self) {
        // Inner calls have higher numbers than those around them.
        self.ranges.sort_unstable_by_key(|(start, end, call)| (*start, Reverse(*end), *call));
        let mut open: Vec<(u64, u32)> = Vec::new();
        for (start, end, call) in std::mem::take(&mut self.ranges) {
            self.close(&mut open, start);
            // What isn't in the one around it is cut off.
            let end = open.last().map_or(end, |(around, _)| end.min(*around));
            self.innermost.push((start, call));
            open.push((end, call));
        }
        self.close(&mut open, u64::MAX);
    }

    /// Closes the calls that end here or before.
    fn close(&mut self, open: &mut Vec<(u64, u32)>, here: u64) {
        while let Some((end, _)) = open.pop_if(|(end, _)| *end <= here) {
            self.innermost.push((end, open.last().map_or(0, |(_, call)| *call)));
        }
    }

    /// The innermost call at this address, or 0.
    pub fn find(&self, address: u64) -> u32 {
        let after = self.innermost.partition_point(|(start, _)| *start <= address);
        after.checked_sub(1).map_or(0, |index| self.innermost[index].1)
    }
}

/// The name of the function that an entry is an instance of; the mangled one, if there is one.
fn name<'u, 'd, E: Endianity>(
    unit: UnitRef<'u, EndianSlice<'d, E>>,
    units: &'u [Unit<EndianSlice<'d, E>>],
    entry: &DebuggingInformationEntry<EndianSlice<'d, E>>,
) -> Option<String> {
    let (mut unit, mut plain) = (unit, None);
    let mut origin = entry.attr_value(DW_AT_abstract_origin);
    for _ in 0..MOST_REFERENCES {
        let (found, offset) = follow(unit, units, origin?)?;
        unit = found;
        let entry = unit.entry(offset).ok()?;
        let text = |value| {
            let (text, _) = strings::start(unit, value, MOST_NAME)?;
            let mut text = String::from_utf8_lossy(text).into_owned();
            text.truncate(text.floor_char_boundary(MOST_NAME));
            Some(text)
        };
        if let Some(name) = entry.attr_value(DW_AT_linkage_name).and_then(text) {
            return Some(name);
        }
        plain = plain.or_else(|| entry.attr_value(DW_AT_name).and_then(text));
        let next = [DW_AT_abstract_origin, DW_AT_specification];
        origin = next.into_iter().find_map(|name| entry.attr_value(name));
        if origin.is_none() {
            break;
        }
    }
    plain
}

/// The entry that a reference leads to, and its unit.
fn follow<'u, 'd, E: Endianity>(
    unit: UnitRef<'u, EndianSlice<'d, E>>,
    units: &'u [Unit<EndianSlice<'d, E>>],
    reference: AttributeValue<EndianSlice<'d, E>>,
) -> Option<(UnitRef<'u, EndianSlice<'d, E>>, UnitOffset<usize>)> {
    match reference {
        AttributeValue::UnitRef(offset) => Some((unit, offset)),
        AttributeValue::DebugInfoRef(offset) => {
            let start = |unit: &Unit<EndianSlice<'_, E>>| {
                unit.header.debug_info_offset().unwrap_or(DebugInfoOffset(0))
            };
            let index = units.partition_point(|unit| start(unit) <= offset).checked_sub(1)?;
            let found = &units[index];
            Some((found.unit_ref(unit.dwarf), offset.to_unit_offset(&found.header)?))
        }
        _ => None,
    }
}
