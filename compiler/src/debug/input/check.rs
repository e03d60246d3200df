//! Whether DWARF describes the code beside which it is. Tools that change code without knowing of DWARF (wasm-opt without
//! `-g`) leave it as it was; it is still well-formed then.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use gimli::{DW_AT_high_pc, DW_AT_low_pc, DW_TAG_subprogram};

use super::reader::{Reader, is_tombstone};
use crate::debug::address::Bodies;

/// The most entries within each other that are accepted. Compilers write some dozens.
const MOST_DEPTH: isize = 1000;

/// Checks that each function that DWARF describes begins where one begins, and ends where it ends or before.
///
/// # Errors
/// Says what is wrong.
pub fn is_current(dwarf: &gimli::Dwarf<Reader<'_>>, bodies: &Bodies) -> Result<(), String> {
    let mut units = dwarf.units();
    while let Some(header) = units.next().map_err(unreadable)? {
        let unit = dwarf.unit(header).map_err(unreadable)?;
        let mut entries = unit.entries_raw(None).map_err(unreadable)?;
        while !entries.is_empty() {
            let depth = entries.next_depth();
            let Some(abbreviation) = entries.read_abbreviation().map_err(unreadable)? else { continue };
            if depth > MOST_DEPTH {
                return Err("it can't be read: its entries are nested too deeply".to_owned());
            }
            let is_function = abbreviation.tag() == DW_TAG_subprogram;
            if !is_function {
                entries.skip_attributes(abbreviation.attributes()).map_err(unreadable)?;
                continue;
            }
            let (mut low, mut high) = (None, None);
            for specification in abbreviation.attributes() {
                let attribute = entries.read_attribute(*specification).map_err(unreadable)?;
                match attribute.name() {
                    DW_AT_low_pc => low = dwarf.attr_address(&unit, attribute.value()).map_err(unreadable)?,
                    DW_AT_high_pc => high = Some(attribute),
                    _ => {}
                }
            }
            let Some(low) = low.filter(|low| !is_tombstone(*low)) else { continue };
            let end = high.and_then(|high| match dwarf.attr_address(&unit, high.value()) {
                Ok(Some(address)) => Some(address),
                _ => Some(low.wrapping_add(high.udata_value()?)),
            });
            if !bodies.is_function(low, end.unwrap_or(low)) {
                return Err(
                    "it describes other code than the module's, which a tool has changed since".to_owned()
                );
            }
        }
    }
    Ok(())
}

fn unreadable(error: gimli::Error) -> String {
    format!("it can't be read: {error}")
}
