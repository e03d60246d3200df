//! What debuggers read of an image, as GNU's tools write it: sections that aren't loaded, whose names are longer than
//! the 8 bytes of a header and so in the table of strings, and the symbols of functions, which COFF has ("PE Format",
//! "COFF Symbol Table").

use anyhow::{Context, Result, bail};
use object::read::coff::ImageSymbol as _;
use object::{LittleEndian as LE, SymbolIndex, pe};

use super::super::debug::{self, Debug, LINK_SECTION, link_section};
use super::input::{Definition, Objects, Section};
use super::layout::{IMAGE_BASE, Layout, Output};
use super::live::target;

/// Size of a symbol in bytes.
const SYMBOL_BYTES: usize = 18;

/// Size of a name in a header or in a symbol.
const NAME_BYTES: usize = 8;

/// The type of a function: `IMAGE_SYM_DTYPE_FUNCTION` above `IMAGE_SYM_TYPE_NULL`.
const FUNCTION: u16 = pe::IMAGE_SYM_DTYPE_FUNCTION << 4;

/// Sections and symbols for debuggers.
#[derive(Default)]
pub struct ForDebuggers {
    pub sections: Vec<DebugSection>,
    symbols: Vec<Symbol>,
}

/// A section for debuggers.
pub struct DebugSection {
    name: String,
    pub data: Vec<u8>,
}

struct Symbol {
    name: Vec<u8>,
    /// Offset in the section of the image.
    value: u32,
    output: Output,
    class: u8,
}

impl DebugSection {
    /// It may be left out of memory, if the system knows how to.
    pub const CHARACTERISTICS: u32 =
        pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ | pe::IMAGE_SCN_MEM_DISCARDABLE;
}

/// What goes into the two files of a link.
pub struct Parts {
    pub image: ForDebuggers,
    /// What is apart, with the name of its file.
    pub apart: Option<(String, ForDebuggers)>,
}

impl Parts {
    /// Collects what debuggers are to get. A program without debug information has no symbols, either, unless they are
    /// to be apart.
    pub fn new(objects: &Objects<'_>, layout: &Layout, wanted: &Debug) -> Result<Parts> {
        let mut all = ForDebuggers::default();
        if !wanted.strip || wanted.file.is_some() {
            all.add_sections(objects, layout)?;
            if !all.sections.is_empty() || wanted.file.is_some() {
                all.add_symbols(objects, layout)?;
            }
        }
        let Some(file) = &wanted.file else { return Ok(Parts { image: all, apart: None }) };
        let mut image = ForDebuggers::default();
        if !wanted.strip {
            image.add_symbols(objects, layout)?;
        }
        Ok(Parts { image, apart: Some((file.clone(), all)) })
    }
}

impl ForDebuggers {
    /// Names the file with the debug information.
    pub fn link_to(&mut self, name: &str, file: &[u8]) {
        let data = link_section(name, file, false);
        self.sections.push(DebugSection { name: LINK_SECTION.to_owned(), data });
    }

    fn add_sections(&mut self, objects: &Objects<'_>, layout: &Layout) -> Result<()> {
        // The runtime has none.
        for section in objects.sections().filter(|section| section.object == 0) {
            let name = objects.name(section)?;
            if debug::is_information(name.as_bytes()) {
                let data = relocated(objects, layout, section)
                    .with_context(|| format!("the debug information in `{name}`"))?;
                self.sections.push(DebugSection { name: name.to_owned(), data });
            }
        }
        Ok(())
    }

    fn add_symbols(&mut self, objects: &Objects<'_>, layout: &Layout) -> Result<()> {
        for (object, file) in objects.objects.iter().enumerate() {
            let table = file.coff_symbol_table();
            for (_, symbol) in table.iter() {
                let class = symbol.storage_class();
                let is_named = class == pe::IMAGE_SYM_CLASS_EXTERNAL || class == pe::IMAGE_SYM_CLASS_STATIC;
                let Ok(index @ 1..) = usize::try_from(symbol.section_number()) else { continue };
                let section = Section { object, index };
                let Some((Output::Text, address)) = layout.places.get(&section) else { continue };
                if symbol.value() > objects.size(section)? {
                    bail!("a symbol is outside of its section");
                }
                // Those of sections have more to say.
                if !is_named || symbol.has_aux_section() {
                    continue;
                }
                self.symbols.push(Symbol {
                    name: symbol.name(table.strings())?.to_vec(),
                    value: address + symbol.value() - layout.extent(Output::Text).address,
                    output: Output::Text,
                    class,
                });
            }
        }
        self.symbols.sort_by_key(|symbol| symbol.value);
        Ok(())
    }

    /// The table of symbols, that of strings, which follows it, and the name of each section as its header has it.
    /// `outputs` are the sections of the image, in order.
    pub fn tables(&self, outputs: &[Output]) -> Tables {
        let mut strings = Strings(vec![0; 4]);
        let section_names = self.sections.iter().map(|section| strings.section_name(&section.name)).collect();
        let mut symbols = Vec::with_capacity(self.symbols.len() * SYMBOL_BYTES);
        for symbol in &self.symbols {
            let number = outputs.iter().position(|output| *output == symbol.output);
            symbols.extend(strings.symbol_name(&symbol.name));
            symbols.extend(symbol.value.to_le_bytes());
            symbols.extend((number.map_or(0, |number| number as u16 + 1)).to_le_bytes());
            symbols.extend(FUNCTION.to_le_bytes());
            symbols.extend([symbol.class, 0]);
        }
        let Strings(mut strings) = strings;
        let size = strings.len() as u32;
        strings[..4].copy_from_slice(&size.to_le_bytes());
        let count = self.symbols.len() as u32;
        let mut bytes = symbols;
        if count > 0 || size > 4 {
            bytes.extend(strings);
        }
        Tables { section_names, count, bytes }
    }
}

/// The tables of an image.
pub struct Tables {
    pub section_names: Vec<[u8; NAME_BYTES]>,
    /// The number of symbols.
    pub count: u32,
    /// Symbols and strings; empty if there are none.
    pub bytes: Vec<u8>,
}

/// The table of strings, which begins with its size.
struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, name: &[u8]) -> u32 {
        let at = self.0.len() as u32;
        self.0.extend_from_slice(name);
        self.0.push(0);
        at
    }

    /// A slash and the offset in decimal digits, if the name is longer than 8 bytes.
    fn section_name(&mut self, name: &str) -> [u8; NAME_BYTES] {
        if name.len() <= NAME_BYTES {
            padded(name.as_bytes())
        } else {
            padded(format!("/{}", self.add(name.as_bytes())).as_bytes())
        }
    }

    /// Zero and the offset, if the name is longer than 8 bytes.
    fn symbol_name(&mut self, name: &[u8]) -> [u8; NAME_BYTES] {
        if name.len() <= NAME_BYTES {
            return padded(name);
        }
        let mut bytes = [0; NAME_BYTES];
        bytes[4..].copy_from_slice(&self.add(name).to_le_bytes());
        bytes
    }
}

/// A name of at most 8 bytes.
fn padded(name: &[u8]) -> [u8; NAME_BYTES] {
    let mut bytes = [0; NAME_BYTES];
    bytes[..name.len()].copy_from_slice(name);
    bytes
}

/// The contents of a section for debuggers, with the addresses that code has if the image is where it prefers to be:
/// debuggers know where it is. What isn't in the image is at 0.
fn relocated(objects: &Objects<'_>, layout: &Layout, section: Section) -> Result<Vec<u8>> {
    let mut bytes = objects.data(section)?.to_vec();
    for relocation in objects.relocations(section)? {
        let definition = target(objects, section, relocation)?;
        let at = relocation.virtual_address.get(LE) as usize;
        let Some(field) = bytes.get_mut(at..) else { bail!("a relocation is outside of its section") };
        match (objects.machine, relocation.typ.get(LE)) {
            (pe::IMAGE_FILE_MACHINE_AMD64, pe::IMAGE_REL_AMD64_ADDR64)
            | (pe::IMAGE_FILE_MACHINE_ARM64, pe::IMAGE_REL_ARM64_ADDR64) => {
                let field = field.first_chunk_mut().context("a relocation is outside of its section")?;
                *field = match address(layout, definition) {
                    Some(address) => u64::from_le_bytes(*field).wrapping_add(address).to_le_bytes(),
                    None => [0; 8],
                };
            }
            (pe::IMAGE_FILE_MACHINE_AMD64, pe::IMAGE_REL_AMD64_SECREL)
            | (pe::IMAGE_FILE_MACHINE_ARM64, pe::IMAGE_REL_ARM64_SECREL) => {
                let field = field.first_chunk_mut().context("a relocation is outside of its section")?;
                let offset = offset(layout, definition)?;
                *field = u32::from_le_bytes(*field).wrapping_add(offset).to_le_bytes();
            }
            (_, other) => {
                let symbol = SymbolIndex(relocation.symbol_table_index.get(LE) as usize);
                bail!("relocation {other} of the symbol {} isn't known", symbol.0)
            }
        }
    }
    Ok(bytes)
}

/// The preferred address of what a symbol stands for, if it is in the image.
fn address(layout: &Layout, definition: Definition) -> Option<u64> {
    match definition {
        Definition::Place(section, offset) => {
            let (_, start) = layout.places.get(&section)?;
            Some(IMAGE_BASE + u64::from(start + offset))
        }
        Definition::Absolute(number) => Some(number.into()),
        other => Some(IMAGE_BASE + u64::from(layout.address(other)?)),
    }
}

/// The offset of what a symbol stands for in its section of the image. A section for debuggers consists of one section
/// of the object.
fn offset(layout: &Layout, definition: Definition) -> Result<u32> {
    match definition {
        Definition::Place(section, offset) => Ok(match layout.places.get(&section) {
            Some((output, start)) => start - layout.extent(*output).address + offset,
            None => offset,
        }),
        _ => bail!("an offset of something that is in no section"),
    }
}
