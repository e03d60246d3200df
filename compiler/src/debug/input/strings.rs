//! Strings in attributes, of which no more is read than is of use: many attributes can share one that is as long as the module.

use gimli::{AttributeValue, EndianSlice, Endianity, Section as _, UnitRef};

/// The most bytes of a name that is made a part of others.
const MOST_BYTES: usize = 1000;

/// The string in an attribute, unless it is very long.
pub fn short<'a, E: Endianity>(
    unit: UnitRef<'_, EndianSlice<'a, E>>,
    value: AttributeValue<EndianSlice<'a, E>>,
) -> Option<&'a [u8]> {
    shorter_than(unit, value, MOST_BYTES)
}

/// The string in an attribute, if it has fewer bytes than this.
pub fn shorter_than<'a, E: Endianity>(
    unit: UnitRef<'_, EndianSlice<'a, E>>,
    value: AttributeValue<EndianSlice<'a, E>>,
    most: usize,
) -> Option<&'a [u8]> {
    match start(unit, value, most)? {
        (text, true) => Some(text),
        (_, false) => None,
    }
}

/// The first bytes of the string in an attribute, at most so many, and whether it has fewer than that.
pub fn start<'a, E: Endianity>(
    unit: UnitRef<'_, EndianSlice<'a, E>>,
    value: AttributeValue<EndianSlice<'a, E>>,
    most: usize,
) -> Option<(&'a [u8], bool)> {
    let (section, offset) = match value {
        AttributeValue::String(text) => (text.slice(), 0),
        AttributeValue::DebugStrRef(offset) => (unit.dwarf.debug_str.reader().slice(), offset.0),
        AttributeValue::DebugLineStrRef(offset) => (unit.dwarf.debug_line_str.reader().slice(), offset.0),
        AttributeValue::DebugStrOffsetsIndex(index) => {
            (unit.dwarf.debug_str.reader().slice(), unit.string_offset(index).ok()?.0)
        }
        _ => return None,
    };
    let rest = section.get(offset..)?;
    let start = &rest[..rest.len().min(most)];
    match start.iter().position(|byte| *byte == 0) {
        Some(end) => Some((&start[..end], true)),
        // A string in an attribute has no NUL at its end; any other one is cut off, here or by the end of its section.
        None => Some((start, start.len() < most && matches!(value, AttributeValue::String(_)))),
    }
}
