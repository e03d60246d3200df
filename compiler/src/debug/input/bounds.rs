//! Bounds on what reading the units of a module takes. Each unit refers to a table of abbreviations and to a line program, so
//! that many small units could share a large one, and reading all of them would take hours.

use std::collections::HashSet;

use gimli::{Dwarf, EndianSlice, Endianity, Section as _};

/// How often all tables of a module may be read, on average. Compilers' units have one each.
pub const OF_MODULES: u64 = 8;

/// How often those of an executable may be read. Units of types share the line program of another one.
pub const OF_EXECUTABLES: u64 = 100;

/// What is always allowed, in bytes.
const FREE: u64 = 1 << 20;

/// The most attributes of an entry. Compilers write up to some thirty. Many attributes could take no bytes in an entry.
const MOST_ATTRIBUTES: u32 = 64;

/// How many attributes one counts as whose value is in the table of abbreviations: in native DWARF, it is in each entry.
const IMPLICIT: u32 = 4;

/// Checks that the units together don't refer to much more than there is, given how often tables may be read, and that entries
/// don't have many attributes. A table of abbreviations is read once by all units that refer to it, since gimli keeps it.
///
/// # Errors
/// Says what is wrong.
pub fn check<E: Endianity>(dwarf: &Dwarf<EndianSlice<'_, E>>, readings: u64) -> Result<(), String> {
    let most = |bytes: usize| bytes as u64 * readings + FREE;
    let table = dwarf.debug_abbrev.reader().slice();
    let (mut abbreviations, mut lines) = (most(table.len()), most(dwarf.debug_line.reader().slice().len()));
    let too_much = || "it can't be read: its units share tables more than compilers make them".to_owned();
    let mut known = HashSet::new();
    let mut units = dwarf.units();
    while let Ok(Some(header)) = units.next() {
        let start = header.debug_abbrev_offset().0.min(table.len());
        if known.insert(start) {
            let bytes = abbreviations_length(&table[start..])
                .ok_or("it can't be read: its entries have more attributes than those of compilers")?;
            abbreviations = abbreviations.checked_sub(bytes).ok_or_else(too_much)?;
        }
        // Whatever reads the units says which ones can't be read.
        let Ok(unit) = dwarf.unit(header) else { continue };
        if let Some(program) = &unit.line_program {
            lines = lines.checked_sub(program.header().unit_length() as u64).ok_or_else(too_much)?;
        }
    }
    Ok(())
}

/// The length of a table of abbreviations, as far as it has the form of one (DWARF 5, section 7.5.3); none if one of them has
/// too many attributes.
fn abbreviations_length(table: &[u8]) -> Option<u64> {
    let mut rest = table.iter();
    let mut number = || -> Option<u64> {
        let (mut value, mut shift) = (0, 0_u32);
        loop {
            let byte = *rest.next()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift = shift.saturating_add(7);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    };
    let mut most = 0;
    let mut read = || -> Option<()> {
        const IMPLICIT_CONST: u64 = gimli::constants::DW_FORM_implicit_const.0 as u64;
        while number()? != 0 {
            // The tag, and whether there are children.
            number()?;
            number()?;
            let mut attributes = 0;
            loop {
                let (name, form) = (number()?, number()?);
                if (name, form) == (0, 0) {
                    break;
                }
                attributes += 1;
                if form == IMPLICIT_CONST {
                    number()?;
                    attributes += IMPLICIT - 1;
                }
                most = most.max(attributes);
            }
        }
        Some(())
    };
    let _ = read();
    (most <= MOST_ATTRIBUTES).then_some((table.len() - rest.len()) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_end() {
        let table = [1, 0x11, 1, 0x25, 0x0e, 0, 0, 0x82, 0x01, 0x2e, 0, 0x49, 0x21, 0x7f, 0, 0, 0, 9, 9];
        assert_eq!(abbreviations_length(&table), Some(17));
        assert_eq!(abbreviations_length(&table[..10]), Some(10));
        assert_eq!(abbreviations_length(&[]), Some(0));
    }

    #[test]
    fn attributes_are_few() {
        let table = |attribute: &[u8], count| [&[1, 0x24, 0][..], &attribute.repeat(count), &[0; 3]].concat();
        let (present, implicit) = ([3, 0x19], [3, 0x21, 5]);
        assert_eq!(abbreviations_length(&table(&present, 64)), Some(134));
        assert_eq!(abbreviations_length(&table(&present, 65)), None);
        assert_eq!(abbreviations_length(&table(&implicit, 16)), Some(54));
        assert_eq!(abbreviations_length(&table(&implicit, 17)), None);
    }
}
