//! Strings that aren't only passed on.

use gimli::{AttributeValue, Section as _, UnitRef};

use crate::debug::input::Reader;

/// The most bytes of one. A string that many entries share could be as long as the module.
const MOST_BYTES: usize = 1000;

/// The string in an attribute, unless it is very long.
pub fn short<'a>(unit: UnitRef<'_, Reader<'a>>, value: AttributeValue<Reader<'a>>) -> Option<&'a [u8]> {
    shorter_than(unit, value, MOST_BYTES)
}

/// The string in an attribute, if it has fewer bytes than this. No more of it is read.
pub fn shorter_than<'a>(
    unit: UnitRef<'_, Reader<'a>>,
    value: AttributeValue<Reader<'a>>,
    most: usize,
) -> Option<&'a [u8]> {
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
        Some(end) => Some(&start[..end]),
        // A string in an attribute has no NUL at its end.
        None => Some(start).filter(|start| start.len() < most && matches!(value, AttributeValue::String(_))),
    }
}
