//! What debuggers read: the names of functions and data, which pointer belongs to which import, and where functions
//! start; and the list of the image's exports, which the system requires.

use object::macho;

use super::extent::IMAGE_BASE;
use super::fixups::LIBRARY;
use super::input::{Definition, HEADER, Objects, Place};
use super::layout::{Layout, Output};

/// The tables, as they are in the file.
#[derive(Default)]
pub struct Tables {
    /// `nlist_64` entries: local symbols, one exported symbol, and the imports.
    pub symbols: Vec<u8>,
    pub local_count: u32,
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
/// The only export is the image's header.
pub const EXPORTED: u32 = 1;

/// The descriptions of imports hold the number of their library in the upper byte.
const LIBRARY_OF_IMPORTS: u16 = (LIBRARY as u16) << 8;
/// `INDIRECT_SYMBOL_LOCAL`: a pointer to something that isn't imported.
const LOCAL: u32 = 0x8000_0000;
impl Tables {
    pub fn new(objects: &Objects<'_>, layout: &Layout<'_>, strip: bool) -> Tables {
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
                if !strip && !is_private(symbol.name) {
                    tables.add(symbol.name, macho::N_SECT, ordinal(layout, output), 0, address);
                    tables.local_count += 1;
                }
            }
        }
        let kind = macho::N_SECT | macho::N_EXT;
        tables.add(HEADER, kind, ordinal(layout, Output::Code), macho::REFERENCED_DYNAMICALLY, IMAGE_BASE);
        for import in &layout.imports {
            tables.add(import, macho::N_UNDF | macho::N_EXT, 0, LIBRARY_OF_IMPORTS, 0);
            tables.import_count += 1;
        }
        tables.indirect(layout);
        tables.function_starts = function_starts(starts);
        tables.exports = exports();
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
        let first_import = self.local_count + EXPORTED;
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
fn function_starts(mut starts: Vec<u64>) -> Vec<u8> {
    starts.sort_unstable();
    starts.dedup();
    let mut bytes = Vec::new();
    let mut last = IMAGE_BASE;
    for start in starts {
        let mut distance = start - last;
        last = start;
        while distance >= 0x80 {
            bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        bytes.push(distance as u8);
    }
    bytes.push(0);
    bytes
}

/// A trie of one name, which is what Apple's linker exports of an executable: a root with one edge, whose node has two
/// bytes, no flags and the address 0.
fn exports() -> Vec<u8> {
    let mut bytes = vec![0, 1];
    bytes.extend(HEADER);
    let node = bytes.len() as u8 + 2;
    bytes.extend([0, node]);
    bytes.extend([2, 0, 0, 0]);
    bytes
}
