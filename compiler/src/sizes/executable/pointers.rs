//! The words that hold addresses of functions, as the relocations say: elements of tables, and references.

use std::ops::Range;

use object::read::pe::ImageNtHeaders as _;
use object::{File, LittleEndian as LE, Object as _, ObjectSection as _, elf, pe};

use super::claims::Claims;
use super::program::Program;
use crate::policy::image::Image;
use crate::sizes::{Kind, Part};

const WORD: u64 = 8;

/// Claims them. False if the file has no relocations, so that it doesn't say where addresses are.
pub fn claim(
    bytes: &[u8],
    file: &File<'_>,
    image: &Image<'_>,
    program: &Program,
    claims: &mut Claims,
) -> bool {
    let mut words: Vec<u64> = image.relocated().collect();
    words.extend(elf_words(file, bytes.len()));
    words.extend(pe_words(bytes, file, bytes.len()));
    if words.is_empty() {
        return false;
    }
    words.sort_unstable();
    words.dedup();
    let part = claims.ranges.add(Part::new(Kind::Tables, "addresses of functions, in tables and references"));
    let is_function = |at: &u64| image.word(*at).is_ok_and(|word| program.code.contains(&word));
    let mut run: Option<Range<u64>> = None;
    for at in words.into_iter().filter(is_function) {
        let end = at.saturating_add(WORD);
        match &mut run {
            Some(run) if run.end == at => run.end = end,
            _ => {
                if let Some(run) = run.replace(at..end) {
                    claims.claim_for(run, part);
                }
            }
        }
    }
    if let Some(run) = run {
        claims.claim_for(run, part);
    }
    true
}

/// The words of ELF's compact relocations (generic ABI, "Relative Relocation Table"): addresses, and after each the bits of
/// 63 words that follow.
fn elf_words(file: &File<'_>, most: usize) -> Vec<u64> {
    let mut words = Vec::new();
    let is_table = |section: &object::Section<'_, '_>| match file {
        File::Elf64(file) => file
            .elf_section_table()
            .section(section.index())
            .is_ok_and(|header| header.sh_type.get(file.endian()) == elf::SHT_RELR),
        _ => false,
    };
    // Sections may overlap in a damaged file.
    let mut left = most / 8;
    for section in file.sections().filter(is_table) {
        let mut next = 0_u64;
        for entry in section.data().unwrap_or_default().as_chunks::<8>().0 {
            if left == 0 || words.len() > most {
                return Vec::new();
            }
            left -= 1;
            let entry =
                if file.is_little_endian() { u64::from_le_bytes(*entry) } else { u64::from_be_bytes(*entry) };
            if entry & 1 == 0 {
                words.push(entry);
                next = entry.wrapping_add(WORD);
                continue;
            }
            let marked = (1..64).filter(|bit| entry >> bit & 1 == 1);
            words.extend(marked.map(|bit| next.wrapping_add(WORD * (bit - 1))));
            next = next.wrapping_add(63 * WORD);
        }
    }
    words
}

/// The words of PE's base relocations.
fn pe_words(bytes: &[u8], file: &File<'_>, most: usize) -> Vec<u64> {
    let File::Pe64(image) = file else { return Vec::new() };
    let base = image.nt_headers().optional_header().image_base.get(LE);
    let blocks = image.data_directories().relocation_blocks(bytes, &image.section_table());
    let mut words = Vec::new();
    let Ok(Some(mut blocks)) = blocks else { return words };
    while let Ok(Some(block)) = blocks.next() {
        let addresses = block.filter(|relocation| relocation.typ == pe::IMAGE_REL_BASED_DIR64);
        words.extend(addresses.map(|relocation| base.wrapping_add(relocation.virtual_address.into())));
        if words.len() > most {
            return Vec::new();
        }
    }
    words
}
