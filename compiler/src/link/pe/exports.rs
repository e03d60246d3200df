//! The export tables (Microsoft's "PE Format", "The .edata Section"): the names of functions, ascending, and where they
//! are.

use std::mem::{offset_of, size_of};

use object::SectionKind;
use object::pe::ImageExportDirectory as Directory;

use super::super::inputs::Shared;
use super::own::OwnObject;

/// The section of the tables.
pub const SECTION: &str = ".edata";
/// The symbol of the tables, which no C name is equal to.
pub const SYMBOL: &str = ".exports";

/// The number of the first function.
const FIRST_ORDINAL: u32 = 1;

/// Adds the tables to the object; returns the names in them.
pub fn define<'a>(own: &mut OwnObject, shared: &Shared<'a>) -> Vec<&'a str> {
    let setters = shared.imports.iter().map(|import| import.setter.as_str());
    let mut names: Vec<&str> = shared.exports.iter().map(String::as_str).chain(setters).collect();
    names.sort_unstable();
    let count = names.len() as u32;
    // The directory, the addresses of functions and those of names (32 bits each), the functions that the names belong
    // to (16 bits each), and text.
    let functions = size_of::<Directory>() as u32;
    let name_pointers = functions + 4 * count;
    let ordinals = name_pointers + 4 * count;
    let mut bytes = vec![0; ordinals as usize];
    let mut put = |at: usize, word: u32| bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    put(offset_of!(Directory, base), FIRST_ORDINAL);
    put(offset_of!(Directory, number_of_functions), count);
    put(offset_of!(Directory, number_of_names), count);
    bytes.extend((0..names.len() as u16).flat_map(|index| index.to_le_bytes()));
    // Pairs of a place in the tables and what it points to in them.
    let mut pointers = vec![
        (offset_of!(Directory, address_of_functions) as u32, functions),
        (offset_of!(Directory, address_of_names) as u32, name_pointers),
        (offset_of!(Directory, address_of_name_ordinals) as u32, ordinals),
    ];
    let mut text = |at: u32, text: &str| {
        pointers.push((at, bytes.len() as u32));
        bytes.extend(text.bytes());
        bytes.push(0);
    };
    text(offset_of!(Directory, name) as u32, shared.name);
    names.iter().zip(0..).for_each(|(name, index)| text(name_pointers + 4 * index, name));

    let section = own.object.add_section(Vec::new(), SECTION.into(), SectionKind::ReadOnlyData);
    own.object.append_section_data(section, &bytes, 4);
    let tables = own.define(SYMBOL, section, 0);
    let relative = own.machine.relative;
    for (at, target) in pointers {
        own.relocate(section, at.into(), tables, relative, target.into());
    }
    for (name, index) in names.iter().zip(0..) {
        let symbol = own.symbol(name);
        own.relocate(section, u64::from(functions + 4 * index), symbol, relative, 0);
    }
    names
}
