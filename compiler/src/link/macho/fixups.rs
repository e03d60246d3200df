//! Chained fixups (`mach-o/fixup-chains.h`): the words that the system changes when it loads the image form a chain in
//! each page. A word holds its address or the number of its import, and the distance to the next one;
//! `LC_DYLD_CHAINED_FIXUPS` says where chains start and what is imported.

use anyhow::{Result, bail};

use super::input::Objects;
use super::layout::{Layout, Output, Segment};
use super::relocate::{Relocated, Word, WordValue};

/// `DYLD_CHAINED_PTR_64`: addresses are those of the image at its preferred address, distances are in units of 4
/// bytes.
const POINTER_FORMAT: u16 = 2;
const STRIDE: u64 = 4;
/// `DYLD_CHAINED_IMPORT`: 8 bits of the library, one for weak imports, 23 of the name's offset.
const IMPORT_FORMAT: u32 = 1;
/// `DYLD_CHAINED_PTR_START_NONE`.
const NO_START: u16 = 0xffff;
/// Number of libSystem, the only library.
const LIBRARY: u8 = 1;
/// `BIND_SPECIAL_DYLIB_FLAT_LOOKUP`, -2: the symbol of any image of the process, the executable first.
const ANY_LIBRARY: u8 = 0xfe;
/// Bytes of a word.
const WORD: u64 = 8;

/// The number of the library that defines an imported symbol.
pub fn library_of(objects: &Objects<'_>, import: &[u8]) -> u8 {
    if objects.undefined.contains(import) { ANY_LIBRARY } else { LIBRARY }
}

/// Writes the chains into the contents, and returns the tables. `first` segments come before ours in the file, and `last`
/// after them.
pub fn chain(
    objects: &Objects<'_>,
    layout: &Layout<'_>,
    relocated: &mut Relocated,
    first: usize,
    last: usize,
) -> Result<Vec<u8>> {
    let page = objects.machine.page;
    let mut starts = vec![Vec::new(); first + Segment::ALL.len() + last];
    let words = std::mem::take(&mut relocated.words);
    for (index, word) in words.iter().enumerate() {
        let (segment, output) = containing(layout, word.address)?;
        let extent = layout.segment(segment);
        let offset = word.address - extent.address;
        // This way no word spans two pages, which the system changes one by one, and words that overlap are
        // the same.
        if !word.address.is_multiple_of(WORD) {
            bail!("a word that holds an address isn't aligned");
        }
        if words.get(index + 1).is_some_and(|next| next.address == word.address) {
            bail!("a word holds two addresses");
        }
        let (number, in_page) = ((offset / page) as usize, offset % page);
        let starts: &mut Vec<u16> = &mut starts[first + segment as usize];
        if number >= starts.len() {
            starts.resize(number + 1, NO_START);
        }
        if starts[number] == NO_START {
            starts[number] = in_page as u16;
        }
        let same_page = |next: &&Word| (next.address - extent.address) / page == offset / page;
        let next = words.get(index + 1).filter(same_page).map_or(0, |next| next.address - word.address);
        let at = (word.address - layout.section(output).address) as usize;
        let Some(field) = relocated.contents[output as usize].get_mut(at..at + 8) else {
            bail!("a word that holds an address is outside of its section");
        };
        field.copy_from_slice(&encode(word.value, next / STRIDE)?.to_le_bytes());
    }
    tables(objects, layout, &starts, first)
}

/// Where the word is.
fn containing(layout: &Layout<'_>, address: u64) -> Result<(Segment, Output)> {
    let contains = |output: &Output| {
        let extent = layout.section(*output);
        (extent.address..extent.address + extent.file_bytes).contains(&address)
    };
    match Output::ALL.into_iter().find(contains) {
        Some(output) if output.segment() != Segment::Text => Ok((output.segment(), output)),
        _ => bail!("constants that the system can't write hold an address"),
    }
}

/// `dyld_chained_ptr_64_rebase`: 36 bits of the address, 8 of its highest byte, 7 unused, 12 of the distance, 0.
/// `dyld_chained_ptr_64_bind`: 24 bits of the import, 8 of the addend, 19 unused, 12 of the distance, 1.
fn encode(value: WordValue, next: u64) -> Result<u64> {
    let word = match value {
        WordValue::Address(address) if address >> 36 == 0 => address,
        WordValue::Address(_) => bail!("an address is outside of the image"),
        WordValue::Import(index, addend) if index < 1 << 24 => {
            1 << 63 | u64::from(addend) << 24 | index as u64
        }
        WordValue::Import(..) => bail!("too many imports"),
    };
    assert!(next < 1 << 12, "a fixup of the same page");
    Ok(word | next << 51)
}

/// The header, the starts of each segment, the imports and their names.
fn tables(objects: &Objects<'_>, layout: &Layout<'_>, starts: &[Vec<u16>], first: usize) -> Result<Vec<u8>> {
    // fixups_version, starts_offset, imports_offset, symbols_offset, imports_count, imports_format, symbols_format.
    const HEADER_BYTES: usize = 32;
    let mut bytes = vec![0; HEADER_BYTES];
    let starts_at = bytes.len();
    // dyld_chained_starts_in_image: the number of segments, and where the starts of each are, or 0.
    bytes.extend((starts.len() as u32).to_le_bytes());
    let offsets_at = bytes.len();
    bytes.resize(offsets_at + 4 * starts.len(), 0);
    for (index, pages) in starts.iter().enumerate().filter(|(_, pages)| !pages.is_empty()) {
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let at = (bytes.len() - starts_at) as u32;
        bytes[offsets_at + 4 * index..][..4].copy_from_slice(&at.to_le_bytes());
        let segment = layout.segment(Segment::ALL[index - first]);
        let Ok(count) = u16::try_from(pages.len()) else { bail!("too many pages hold addresses") };
        // dyld_chained_starts_in_segment: size, page_size, pointer_format, segment_offset, max_valid_pointer,
        // page_count, and a start for each page.
        bytes.extend((22 + 2 * u32::from(count)).to_le_bytes());
        bytes.extend((objects.machine.page as u16).to_le_bytes());
        bytes.extend(POINTER_FORMAT.to_le_bytes());
        bytes.extend((segment.address - layout.base).to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(pages.iter().flat_map(|start| start.to_le_bytes()));
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let imports_at = bytes.len();
    // The first name is empty.
    let mut names = vec![0];
    for name in &layout.imports {
        let library = u32::from(library_of(objects, name));
        bytes.extend((library | (names.len() as u32) << 9).to_le_bytes());
        names.extend_from_slice(name);
        names.push(0);
    }
    let names_at = bytes.len();
    bytes.extend(names);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let header = [0, starts_at as u32, imports_at as u32, names_at as u32, layout.imports.len() as u32];
    for (index, word) in header.into_iter().chain([IMPORT_FORMAT, 0]).enumerate() {
        bytes[4 * index..][..4].copy_from_slice(&word.to_le_bytes());
    }
    Ok(bytes)
}
