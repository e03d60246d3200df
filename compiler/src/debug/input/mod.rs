//! The debug information of a module, read and checked: its own DWARF sections, or those of the file that
//! `external_debug_info` names.

pub mod bounds;
mod check;
mod external;
pub mod generated;
pub mod lists;
mod reader;
mod source_map;
pub mod strings;
mod text;

use gimli::{EndianSlice, LittleEndian};

use super::address::Bodies;
use crate::parse::{DebugSections, Module};
pub use external::{DebugFile, referred};
pub use generated::GeneratedSections;
pub use reader::{Reader, TOMBSTONES, is_tombstone};
pub use text::Text;

/// DWARF that describes the code of a module.
pub struct Input<'a> {
    /// Addresses in it are offsets in the code section: see [`Bodies`].
    pub dwarf: gimli::Dwarf<Reader<'a>>,
    pub sections: DebugSections<'a>,
    pub bodies: Bodies,
}

/// DWARF for a module that has a source map, and no DWARF.
///
/// # Errors
/// If the source map can't be read; the reason is for a warning.
pub fn generate(module: &Module<'_>, files: &[DebugFile]) -> Result<Option<GeneratedSections>, String> {
    let file = |name: Option<&str>| files.iter().find(|file| Some(&*file.name) == name);
    if module.debug.has_dwarf() || file(module.debug.external).is_some() {
        return Ok(None);
    }
    let Some(map) = file(module.debug.source_map) else { return Ok(None) };
    let lines = source_map::lines(map, module, &Bodies::of(module))?;
    Ok(Some(generated::dwarf(&lines)))
}

/// DWARF for a module that has its text as its source.
pub fn generate_from_text(module: &Module<'_>, text: &Text) -> GeneratedSections {
    generated::dwarf(&text::lines(text, module, &Bodies::of(module)))
}

/// The DWARF of a module: its own, or that generated for it; none if there is none.
///
/// # Errors
/// If it can't be read, or belongs to other code; the reason is for a warning.
pub fn read<'a>(
    module: &Module<'a>,
    files: &'a [DebugFile],
    generated: Option<&'a GeneratedSections>,
) -> Result<Option<Input<'a>>, String> {
    let sections = if module.debug.has_dwarf() {
        module.debug.clone()
    } else if let Some(file) = files.iter().find(|file| Some(&*file.name) == module.debug.external) {
        external::sections(file)?
    } else if let Some(generated) = generated {
        return read_generated(module, generated).map(Some);
    } else {
        return Ok(None);
    };
    load(module, sections).map(Some)
}

/// The DWARF that was generated for a module.
///
/// # Errors
/// If it can't be read; the reason is for a warning.
pub fn read_generated<'a>(
    module: &Module<'a>,
    generated: &'a GeneratedSections,
) -> Result<Input<'a>, String> {
    let dwarf = generated.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
    load(module, DebugSections { dwarf, ..DebugSections::default() })
}

fn load<'a>(module: &Module<'a>, sections: DebugSections<'a>) -> Result<Input<'a>, String> {
    let load = |id: gimli::SectionId| -> Result<Reader<'a>, gimli::Error> {
        Ok(EndianSlice::new(sections.section(id.name()), LittleEndian))
    };
    let mut dwarf = gimli::Dwarf::load(load).map_err(|error| error.to_string())?;
    dwarf.populate_abbreviations_cache(gimli::AbbreviationsCacheStrategy::Duplicates);
    bounds::check(&dwarf, bounds::OF_MODULES)?;
    let bodies = Bodies::of(module);
    check::is_current(&dwarf, &bodies)?;
    Ok(Input { dwarf, sections, bodies })
}

#[cfg(test)]
mod tests;
