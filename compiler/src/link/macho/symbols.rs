//! What debuggers read: the names of functions and data, which pointer belongs to which import, and where functions
//! start; and the list of the image's exports, which the system requires.

use object::macho;

use super::exports::{self, Export};
use super::fixups::library_of;
use super::input::{Definition, Objects, Place};
use super::layout::{Layout, Output};

/// The tables, as they are in the file.
#[derive(Default)]
pub struct Tables {
    /// `nlist_64` entries: local symbols, exported ones, and the imports.
    pub symbols: Vec<u8>,
    pub local_count: u32,
    pub exported_count: u32,
    pub import_count: u32,
    pub strings: Vec<u8>,
    /// Indices of symbols: for the stubs, and for the global offset table.
    pub indirect: Vec<u8>,
    pub indirect_count: u32,
    pub function_starts: Vec<u8>,
    pub exports: Vec<u8>,
}

/// Size of an entry in bytes.
pub const SYMBOL_BYTES: usize = 16;
/// `INDIRECT_SYMBOL_LOCAL`: a pointer to something that isn't imported.
const LOCAL: u32 = 0x8000_0000;

impl Tables {
    /// `exports` are in the order of their names.
    pub fn new(objects: &Objects<'_>, layout: &Layout<'_>, exports: &[Export<'_>], strip: bool) -> Tables {
        let is_exported = |name| exports.binary_search_by_key(&name, |export| export.name).is_ok();
        // An offset of 0 means no name.
        let mut tables = Tables { strings: b" \0".to_vec(), ..Tables::default() };
        let mut starts = Vec::new();
        for (number, object) in objects.objects.iter().enumerate() {
            for symbol in &object.symbols {
                let Place::Section(section, offset) = symbol.place else { continue };
                let place = objects.place(number, section, offset);
                let Definition::Place(atom, _) = place else { continue };
                let Some(&(output, _)) = layout.places.get(&atom) else { continue };
                let Some(address) = layout.address(place) else { continue };
                if output == Output::Code {
                    starts.push(address);
                }
                let is_listed_below = symbol.is_external && is_exported(symbol.name);
                if !strip && !is_private(symbol.name) && !is_listed_below {
                    tables.add(symbol.name, macho::N_SECT, ordinal(layout, output), 0, address);
                    tables.local_count += 1;
                }
            }
        }
        for export in exports {
            let section = ordinal(layout, export.output);
            let kind = macho::N_SECT | macho::N_EXT;
            tables.add(export.name, kind, section, export.description, export.address);
            tables.exported_count += 1;
        }
        for import in &layout.imports {
            // The number of its library is in the upper byte.
            let description = u16::from(library_of(objects, import)) << 8;
            tables.add(import, macho::N_UNDF | macho::N_EXT, 0, description, 0);
            tables.import_count += 1;
        }
        tables.indirect(layout);
        tables.function_starts = function_starts(starts, layout.base);
        tables.exports = exports::trie(exports, layout.base);
        for table in
            [&mut tables.strings, &mut tables.indirect, &mut tables.function_starts, &mut tables.exports]
        {
            table.resize(table.len().next_multiple_of(8), 0);
        }
        tables
    }

    fn add(&mut self, name: &[u8], kind: u8, section: u8, description: u16, address: u64) {
        self.symbols.extend((self.strings.len() as u32).to_le_bytes());
        self.symbols.extend([kind, section]);
        self.symbols.extend(description.to_le_bytes());
        self.symbols.extend(address.to_le_bytes());
        self.strings.extend_from_slice(name);
        self.strings.push(0);
    }

    fn indirect(&mut self, layout: &Layout<'_>) {
        let first_import = self.local_count + self.exported_count;
        let number = |definition: &Definition<'_>| match definition {
            Definition::Import(name) => {
                first_import + layout.imports.binary_search(name).expect("all imports are listed") as u32
            }
            _ => LOCAL,
        };
        let stubs = layout.stubs.keys().map(|name| number(&Definition::Import(name)));
        let numbers: Vec<u32> = stubs.chain(layout.got.keys().map(number)).collect();
        self.indirect_count = numbers.len() as u32;
        self.indirect = numbers.into_iter().flat_map(|number| number.to_le_bytes()).collect();
    }
}

/// Whether only linkers care about a name: those made by the runtime's compiler, and those of anonymous data.
fn is_private(name: &[u8]) -> bool {
    name.is_empty() || name.starts_with(b"l") || name.starts_with(b"L") || name.starts_with(b"_.L")
}

/// The number of a section of the image, counted from 1.
fn ordinal(layout: &Layout<'_>, output: Output) -> u8 {
    1 + layout.outputs().take_while(|other| *other != output).count() as u8
}

/// The distances from each function to the next, as ULEB128; the first is from the start of the image.
fn function_starts(mut starts: Vec<u64>, base: u64) -> Vec<u8> {
    starts.sort_unstable();
    starts.dedup();
    let mut bytes = Vec::new();
    let mut last = base;
    for start in starts {
        exports::leb(&mut bytes, start - last);
        last = start;
    }
    bytes.push(0);
    bytes
}
