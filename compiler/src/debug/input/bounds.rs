//! Bounds on what reading the units of a module takes. Each unit refers to a table of abbreviations and to a line program, so
//! that many small units could share a large one, and reading all of them would take hours.

use gimli::Section as _;

use super::reader::Reader;

/// How often all tables may be read, on average. Compilers' units have one each.
const MOST_READINGS: u64 = 8;

/// What is always allowed, in bytes.
const FREE: u64 = 1 << 20;

/// Checks that the units together don't refer to much more than there is.
///
/// # Errors
/// Says what is wrong.
pub fn check(dwarf: &gimli::Dwarf<Reader<'_>>) -> Result<(), String> {
    let most = |bytes: usize| bytes as u64 * MOST_READINGS + FREE;
    let table = dwarf.debug_abbrev.reader().slice();
    let (mut abbreviations, mut lines) = (most(table.len()), most(dwarf.debug_line.reader().slice().len()));
    let too_much = || "it can't be read: its units share tables more than compilers make them".to_owned();
    let mut units = dwarf.units();
    while let Some(header) = units.next().map_err(|error| format!("it can't be read: {error}"))? {
        let start = header.debug_abbrev_offset().0.min(table.len());
        let bytes = abbreviations_length(&table[start..]);
        abbreviations = abbreviations.checked_sub(bytes).ok_or_else(too_much)?;
        let unit = dwarf.unit(header).map_err(|error| format!("it can't be read: {error}"))?;
        if let Some(program) = &unit.line_program {
            lines = lines.checked_sub(program.header().unit_length() as u64).ok_or_else(too_much)?;
        }
    }
    Ok(())
}

/// The length of a table of abbreviations, as far as it has the form of one (DWARF 5, section 7.5.3).
fn abbreviations_length(table: &[u8]) -> u64 {
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
    let mut read = || -> Option<()> {
        const IMPLICIT_CONST: u64 = gimli::constants::DW_FORM_implicit_const.0 as u64;
        while number()? != 0 {
            // The tag, and whether there are children.
            number()?;
            number()?;
            loop {
                let (name, form) = (number()?, number()?);
                if form == IMPLICIT_CONST {
                    number()?;
                }
                if (name, form) == (0, 0) {
                    break;
                }
            }
        }
        Some(())
    };
    let _ = read();
    (table.len() - rest.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_end() {
        let table = [1, 0x11, 1, 0x25, 0x0e, 0, 0, 0x82, 0x01, 0x2e, 0, 0x49, 0x21, 0x7f, 0, 0, 0, 9, 9];
        assert_eq!(abbreviations_length(&table), 17);
        assert_eq!(abbreviations_length(&table[..10]), 10);
        assert_eq!(abbreviations_length(&[]), 0);
    }
}
