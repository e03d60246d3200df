//! Where everything goes: the sections of the image, in the order of [`Output::ALL`], and in each of these the input
//! sections, in the order of the inputs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::{Result, bail};
use object::{LittleEndian as LE, pe};

use super::imports::Imports;
use super::input::{Definition, Objects, Section};
use super::live::{Live, function_entry_bytes};

/// The preferred address of the image, which systems randomise: above the low addresses, where the first linear
/// memory is.
pub const IMAGE_BASE: u64 = 0x100_0000_0000;

/// Alignment of sections in memory and in the file.
pub const SECTION_ALIGNMENT: u32 = 0x1000;
pub const FILE_ALIGNMENT: u32 = 0x200;

/// A section of the image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    Text,
    ReadOnly,
    Data,
}

impl Output {
    pub const ALL: [Output; 3] = [Output::Text, Output::ReadOnly, Output::Data];

    pub fn name(self) -> &'static [u8] {
        match self {
            Output::Text => b".text",
            Output::ReadOnly => b".rdata",
            Output::Data => b".data",
        }
    }

    pub fn characteristics(self) -> u32 {
        match self {
            Output::Text => pe::IMAGE_SCN_CNT_CODE | pe::IMAGE_SCN_MEM_EXECUTE | pe::IMAGE_SCN_MEM_READ,
            Output::Data => {
                pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ | pe::IMAGE_SCN_MEM_WRITE
            }
            _ => pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ,
        }
    }

    fn of(name: &str, characteristics: u32) -> Result<Output> {
        let is = |flag: u32| characteristics & flag != 0;
        Ok(match name {
            ".tls" | ".CRT" => bail!("a section {name}, which only a C library could use"),
            _ if is(pe::IMAGE_SCN_MEM_EXECUTE) => Output::Text,
            _ if is(pe::IMAGE_SCN_MEM_WRITE) => Output::Data,
            _ => Output::ReadOnly,
        })
    }
}

/// A contiguous part of the image.
#[derive(Clone, Copy, Default, Debug)]
pub struct Extent {
    /// Its address relative to the start of the image.
    pub address: u32,
    /// Its size in memory, in bytes.
    pub bytes: u32,
    /// How many of these bytes are in the file; the others are zero.
    pub file_bytes: u32,
}

/// The places of everything.
pub struct Layout {
    pub extents: [Extent; Output::ALL.len()],
    /// Where each section goes: its output section and its address.
    pub places: HashMap<Section, (Output, u32)>,
    pub imports: Imports,
    /// Addresses of the import tables and of the function table, which are in `Output::ReadOnly`.
    pub imports_at: u32,
    pub functions_at: u32,
    pub functions: Vec<(Section, u32)>,
}

impl Layout {
    pub fn new(objects: &Objects<'_>, live: Live) -> Result<Layout> {
        let imports = Imports::new(objects, &live);
        let mut members: [Vec<Section>; Output::ALL.len()] = Default::default();
        let mut zeroes = Vec::new();
        for &section in &live.sections {
            let characteristics = objects.header(section)?.characteristics.get(LE);
            let output = Output::of(objects.name(section)?, characteristics)?;
            let is_zero = characteristics & pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA != 0;
            if is_zero && output == Output::Data {
                zeroes.push(section);
            } else {
                members[output as usize].push(section);
            }
        }
        let mut layout = Layout {
            extents: Default::default(),
            places: HashMap::new(),
            imports,
            imports_at: 0,
            functions_at: 0,
            functions: live.functions,
        };
        // The headers come first, and fit in a page.
        let mut address = u64::from(SECTION_ALIGNMENT);
        for (output, members) in Output::ALL.into_iter().zip(members) {
            let start = address;
            if output == Output::ReadOnly {
                layout.imports_at = start as u32;
                layout.functions_at = layout.imports_at + layout.imports.bytes.next_multiple_of(4);
                address = u64::from(layout.functions_at + layout.functions_bytes(objects));
            }
            layout.place(objects, output, &members, &mut address)?;
            let file_end = address;
            if output == Output::Data {
                layout.place(objects, output, &zeroes, &mut address)?;
            }
            layout.extents[output as usize] = Extent {
                address: start as u32,
                bytes: (address - start) as u32,
                file_bytes: (file_end - start) as u32,
            };
            address = address.next_multiple_of(SECTION_ALIGNMENT.into());
            if address > i32::MAX as u64 {
                bail!("the executable would be larger than 2 GiB");
            }
        }
        Ok(layout)
    }

    fn place(
        &mut self,
        objects: &Objects<'_>,
        output: Output,
        members: &[Section],
        address: &mut u64,
    ) -> Result<()> {
        // Many functions have the same unwind information, and nothing compares its addresses.
        let mut unwind_information = HashMap::new();
        for &section in members {
            if objects.name(section)? == ".xdata" && objects.relocations(section)?.is_empty() {
                let place = unwind_information.entry(objects.data(section)?);
                if let Entry::Occupied(same) = &place {
                    self.places.insert(section, self.places[same.get()]);
                    continue;
                }
                place.insert_entry(section);
            }
            *address = address.next_multiple_of(objects.header(section)?.coff_alignment());
            self.places.insert(section, (output, *address as u32));
            *address += u64::from(objects.size(section)?);
        }
        Ok(())
    }

    /// The size of the function table in bytes.
    pub fn functions_bytes(&self, objects: &Objects<'_>) -> u32 {
        self.functions.len() as u32 * function_entry_bytes(objects.machine)
    }

    pub fn extent(&self, output: Output) -> Extent {
        self.extents[output as usize]
    }

    /// The address in the image of what a symbol stands for; none for a number.
    pub fn address(&self, definition: Definition) -> Option<u32> {
        match definition {
            Definition::Place(section, offset) => Some(self.places[&section].1 + offset),
            Definition::ImportAddress(import) => Some(self.imports_at + self.imports.pointer(import)),
            Definition::ImageBase => Some(0),
            Definition::Absolute(_) => None,
        }
    }
}
