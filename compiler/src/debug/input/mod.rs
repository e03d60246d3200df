//! The debug information of a module, read and checked: its own DWARF sections, or those of the file that
//! `external_debug_info` names.

mod check;
mod external;

use gimli::{EndianSlice, LittleEndian};

use super::address::Bodies;
use crate::parse::{DebugSections, Module};
pub use external::{DebugFile, referred};

/// A reader of DWARF sections in a module.
pub type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// DWARF that describes the code of a module.
pub struct Input<'a> {
    /// Addresses in it are offsets in the code section: see [`Bodies`].
    pub dwarf: gimli::Dwarf<Reader<'a>>,
    pub sections: DebugSections<'a>,
    pub bodies: Bodies,
}

/// What a linker leaves in `.debug_info` and `.debug_line` for the address of a function that it has removed (wasm-ld), and
/// what it leaves in lists of ranges and locations, where the other one has a meaning.
pub const TOMBSTONES: [u64; 2] = [0xffff_ffff, 0xffff_fffe];

/// Whether an address in DWARF stands for code that a linker has removed. Before there were tombstones, they were 0, where
/// the number of functions is.
pub fn is_tombstone(address: u64) -> bool {
    address == 0 || TOMBSTONES.contains(&address) || address >= u64::MAX - 1
}

/// The DWARF of a module; none if it has none.
///
/// # Errors
/// If it can't be read, or belongs to other code; the reason is for a warning.
pub fn read<'a>(module: &Module<'a>, files: &'a [DebugFile]) -> Result<Option<Input<'a>>, String> {
    let sections = if module.debug.has_dwarf() {
        module.debug.clone()
    } else if let Some(file) = files.iter().find(|file| Some(&*file.name) == module.debug.external) {
        external::sections(file)?
    } else {
        return Ok(None);
    };
    let load = |id: gimli::SectionId| -> Result<Reader<'a>, gimli::Error> {
        Ok(EndianSlice::new(sections.section(id.name()), LittleEndian))
    };
    let mut dwarf = gimli::Dwarf::load(load).map_err(|error| error.to_string())?;
    dwarf.populate_abbreviations_cache(gimli::AbbreviationsCacheStrategy::Duplicates);
    let bodies = Bodies::of(module);
    check::is_current(&dwarf, &bodies)?;
    Ok(Some(Input { dwarf, sections, bodies }))
}

#[cfg(test)]
mod tests;
