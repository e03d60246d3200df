//! Debug information: the sections of our object that the segment `__DWARF` of an executable or of a dSYM consists of.

use anyhow::{Context, Result, bail};
use object::macho;

use super::commands::Commands;
use super::extent::Extent;
use super::input::{Definition, Objects};
use super::layout::Layout;
use super::relocation::{Kind, Relocation};

const SEGMENT: &str = "__DWARF";

/// Size of the load command of a segment in bytes, and of each section in it.
const COMMAND_BYTES: u64 = 72;
const SECTION_BYTES: u64 = 80;

/// The object that has debug information: ours. The runtime has none.
const OBJECT: usize = 0;

/// A section with debug information.
pub struct DebugSection<'d> {
    name: &'d [u8],
    alignment: u64,
    pub data: Vec<u8>,
}

/// Size in bytes of the load command for the sections with debug information; 0 if there are none.
pub fn command_bytes(objects: &Objects<'_>) -> u64 {
    let sections = &objects.objects[OBJECT].sections;
    match sections.iter().filter(|section| section.is_debug()).count() as u64 {
        0 => 0,
        count => COMMAND_BYTES + count * SECTION_BYTES,
    }
}

/// The sections with debug information.
///
/// # Errors
/// If one refers to something in a way that debug information doesn't.
pub fn sections<'d>(objects: &Objects<'d>, layout: &Layout<'d>) -> Result<Vec<DebugSection<'d>>> {
    let mut found = Vec::new();
    for section in objects.objects[OBJECT].sections.iter().filter(|section| section.is_debug()) {
        let mut data = section.data.to_vec();
        for relocation in &section.relocations {
            relocate(objects, layout, relocation, &mut data).with_context(|| {
                format!("the debug information in `{}`", String::from_utf8_lossy(section.name))
            })?;
        }
        found.push(DebugSection { name: section.name, alignment: section.alignment, data });
    }
    Ok(found)
}

/// Puts in an address, or an offset in a section with debug information. What isn't in the image is at 0.
fn relocate<'d>(
    objects: &Objects<'d>,
    layout: &Layout<'d>,
    relocation: &Relocation,
    data: &mut [u8],
) -> Result<()> {
    let (Kind::Word(bytes), None) = (relocation.kind, relocation.minus) else {
        bail!("a relocation that isn't of an address")
    };
    let value = match objects.target(OBJECT, relocation.target)? {
        Definition::Place(atom, offset) if objects.section(atom).is_debug() => {
            (objects.range(atom).start + offset).wrapping_add_signed(relocation.addend)
        }
        Definition::Place(atom, offset) => match layout.places.get(&atom) {
            Some((_, address)) => (address + offset).wrapping_add_signed(relocation.addend),
            None => 0,
        },
        other => layout.address(other).map_or(0, |address| address.wrapping_add_signed(relocation.addend)),
    };
    let field = data.get_mut(relocation.offset as usize..).and_then(|data| data.get_mut(..bytes.into()));
    let field = field.context("a relocation is outside of its section")?;
    match bytes {
        8 => field.copy_from_slice(&value.to_le_bytes()),
        _ => field.copy_from_slice(&u32::try_from(value)?.to_le_bytes()),
    }
    Ok(())
}

/// The segment of these sections.
pub struct DebugSegment<'s, 'd> {
    pub extent: Extent,
    sections: &'s [DebugSection<'d>],
    /// Offsets in the segment.
    starts: Vec<u64>,
}

impl<'s, 'd> DebugSegment<'s, 'd> {
    /// Places it. `page`: the size of a page, of which it occupies whole ones in memory.
    pub fn new(
        sections: &'s [DebugSection<'d>],
        address: u64,
        file_offset: u64,
        page: u64,
    ) -> DebugSegment<'s, 'd> {
        let mut end: u64 = 0;
        let mut starts = Vec::new();
        for section in sections {
            let start = end.next_multiple_of(section.alignment.min(page));
            starts.push(start);
            end = start + section.data.len() as u64;
        }
        let (bytes, file_bytes) = (end.next_multiple_of(page), end.next_multiple_of(page));
        let extent = Extent { address, bytes, file_bytes, file_offset, alignment: page };
        DebugSegment { extent, sections, starts }
    }

    /// Adds its load command, if it has any sections. Nothing is ever read where it is loaded, nor written.
    pub fn add_to(&self, commands: &mut Commands) {
        if self.sections.is_empty() {
            return;
        }
        let start = commands.len();
        commands.segment(SEGMENT, self.extent, macho::VM_PROT_READ, self.sections.len() as u32, 0);
        for (section, at) in self.sections.iter().zip(&self.starts) {
            commands.name_bytes(section.name);
            commands.name(SEGMENT);
            commands.long_words(&[self.extent.address + at, section.data.len() as u64]);
            let file_offset = (self.extent.file_offset + at) as u32;
            let alignment = section.alignment.min(self.extent.alignment).trailing_zeros();
            commands.words(&[file_offset, alignment, 0, 0, macho::S_REGULAR | macho::S_ATTR_DEBUG, 0, 0, 0]);
        }
        commands.finish(start);
    }

    /// Copies the contents into a file that has room for them.
    pub fn write(&self, file: &mut [u8]) {
        for (section, at) in self.sections.iter().zip(&self.starts) {
            file[(self.extent.file_offset + at) as usize..][..section.data.len()]
                .copy_from_slice(&section.data);
        }
    }
}
