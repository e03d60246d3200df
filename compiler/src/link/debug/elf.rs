//! Takes a linked ELF file apart (System V ABI, "Object Files"): into one that runs, without debug information but with
//! the name of the other, and one with debug information and symbols, in which the sections that are loaded have places
//! but no contents. What is loaded stays where it is in the file.

use std::borrow::Cow;
use std::mem::{offset_of, size_of};

use anyhow::{Context, Result, bail, ensure};
use object::elf::{self, FileHeader64, ProgramHeader64, SectionHeader64, Sym64};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _, Sym as _};
use object::{Endianness, U16, U32, U64, bytes_of, slice_from_bytes};

use super::{LINK_SECTION, is_information, link_section};

type Header = FileHeader64<Endianness>;

const NAMES: &[u8] = b".shstrtab";

/// No section that isn't loaded is aligned more than to this many bytes.
const MAX_ALIGNMENT: u64 = 4096;

/// The two files.
pub struct Split {
    pub executable: Vec<u8>,
    pub debug: Vec<u8>,
}

/// Takes an executable or a shared library apart. `name` is that of the file for debuggers. `strip` says whether only
/// that one has symbols.
///
/// # Errors
/// If the file isn't as linkers make them.
pub fn split(linked: &[u8], name: &str, strip: bool) -> Result<Split> {
    let apart = || -> Result<Split> {
        let file = File::parse(linked)?;
        let debug = file.debug()?;
        let executable =
            file.executable(link_section(name, &debug, file.endian == Endianness::Big), strip)?;
        Ok(Split { executable, debug })
    };
    apart().context("the debug information can't be separated from what the linker wrote")
}

/// What was linked.
struct File<'d> {
    data: &'d [u8],
    header: Header,
    endian: Endianness,
    segments: &'d [ProgramHeader64<Endianness>],
    sections: Vec<Section<'d>>,
}

/// A section. Its place in the file and the offset of its name are decided later.
#[derive(Clone)]
struct Section<'d> {
    header: SectionHeader64<Endianness>,
    name: &'d [u8],
    /// None if they stay where they are, or if it has none in the file.
    contents: Option<Cow<'d, [u8]>>,
}

impl<'d> File<'d> {
    fn parse(data: &'d [u8]) -> Result<File<'d>> {
        let header = Header::parse(data)?;
        let endian = header.endian()?;
        let segments = header.program_headers(endian, data)?;
        let table = header.sections(endian, data)?;
        let names = header.shstrndx(endian, data)?;
        let mut sections = Vec::new();
        for (index, section) in table.enumerate() {
            // They are written anew.
            if index.0 == names as usize {
                continue;
            }
            let name = if index.0 == 0 { b"" } else { table.section_name(endian, section)? };
            let is_loaded = section.sh_flags(endian) & u64::from(elf::SHF_ALLOC) != 0;
            ensure!(!is_loaded || sections.len() == index.0, "loaded sections come last");
            ensure!(section.sh_type(endian) != elf::SHT_SYMTAB_SHNDX, "there are too many sections");
            let contents = match is_loaded || index.0 == 0 {
                true => None,
                false => Some(Cow::Borrowed(section.data(endian, data)?)),
            };
            sections.push(Section { header: *section, name, contents });
        }
        let mut file = File { data, header: *header, endian, segments, sections };
        file.renumber(|index| match index.cmp(&(names as usize)) {
            _ if names == 0 => Some(index),
            std::cmp::Ordering::Less => Some(index),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(index - 1),
        })?;
        Ok(file)
    }

    /// The file for debuggers.
    fn debug(&self) -> Result<Vec<u8>> {
        let mut sections = self.sections.clone();
        for section in sections.iter_mut().filter(|section| self.is_loaded(section)) {
            if section.header.sh_type(self.endian) == elf::SHT_NOTE {
                // Such as the build ID.
                section.contents = Some(Cow::Borrowed(section.header.data(self.endian, self.data)?));
            } else {
                section.header.sh_type = U32::new(self.endian, elf::SHT_NOBITS);
            }
        }
        let mut start = bytes_of(&self.header).to_vec();
        let segments_at = start.len();
        start.extend(self.segments.iter().flat_map(bytes_of));
        let mut writer = Writer { endian: self.endian, bytes: start };
        let sections = writer.add_contents(sections);
        for (index, segment) in self.segments.iter().enumerate() {
            let mut segment = *segment;
            let place = sections.iter().find(|section| {
                section.contents.is_some()
                    && self.is_loaded(section)
                    && segment.p_type(self.endian) == elf::PT_NOTE
                    && section.header.sh_addr(self.endian) == segment.p_vaddr(self.endian)
            });
            let (offset, size) = match place {
                Some(note) => (note.header.sh_offset(self.endian), note.header.sh_size(self.endian)),
                None => (0, 0),
            };
            segment.p_offset = U64::new(self.endian, offset);
            segment.p_filesz = U64::new(self.endian, size);
            let at = segments_at + index * size_of::<ProgramHeader64<Endianness>>();
            writer.bytes[at..][..size_of::<ProgramHeader64<Endianness>>()]
                .copy_from_slice(bytes_of(&segment));
        }
        let segments_at = if self.segments.is_empty() { 0 } else { segments_at as u64 };
        writer.put(offset_of!(Header, e_phoff), U64::new(self.endian, segments_at));
        writer.finish(sections)
    }

    /// The file that runs.
    fn executable(&self, link: Vec<u8>, strip: bool) -> Result<Vec<u8>> {
        let symbols = self.section_of_type(elf::SHT_SYMTAB);
        let strings = symbols.map(|symbols| self.sections[symbols].header.sh_link(self.endian) as usize);
        let is_kept = |index: usize| {
            let is_symbols = symbols == Some(index) || strings == Some(index);
            let section = &self.sections[index];
            self.is_loaded(section) || !(is_information(section.name) || strip && is_symbols)
        };
        let mut numbers = Vec::new();
        let mut count = 0;
        for index in 0..self.sections.len() {
            numbers.push(is_kept(index).then_some(count));
            count += usize::from(is_kept(index));
        }
        let mut file = File { sections: Vec::new(), ..*self };
        file.sections.extend(
            (0..self.sections.len())
                .filter(|index| is_kept(*index))
                .map(|index| self.sections[index].clone()),
        );
        file.renumber(|index| numbers.get(index).copied().flatten())?;
        file.sections.push(Section {
            header: new_section(self.endian, elf::SHT_PROGBITS, 4),
            name: LINK_SECTION.as_bytes(),
            contents: Some(link.into()),
        });
        let bytes =
            self.data.get(..self.loaded_bytes()).context("a segment is outside of the file")?.to_vec();
        let mut writer = Writer { endian: self.endian, bytes };
        let sections = writer.add_contents(file.sections);
        writer.finish(sections)
    }

    fn is_loaded(&self, section: &Section<'_>) -> bool {
        section.header.sh_flags(self.endian) & u64::from(elf::SHF_ALLOC) != 0
    }

    fn section_of_type(&self, kind: u32) -> Option<usize> {
        self.sections.iter().position(|section| section.header.sh_type(self.endian) == kind)
    }

    /// How many bytes of the file are headers, or are loaded.
    fn loaded_bytes(&self) -> usize {
        let table = self.header.e_phoff(self.endian)
            + self.segments.len() as u64 * size_of::<ProgramHeader64<Endianness>>() as u64;
        let ends = self.segments.iter().map(|segment| {
            let (at, size) = segment.file_range(self.endian);
            at.saturating_add(size)
        });
        ends.chain([table, size_of::<Header>() as u64]).max().unwrap_or_default() as usize
    }

    /// Changes the numbers of sections in sections and in symbols; leaves out symbols of sections that have none any
    /// more.
    fn renumber(&mut self, number: impl Fn(usize) -> Option<usize>) -> Result<()> {
        let endian = self.endian;
        for section in &mut self.sections {
            let header = &mut section.header;
            let new = |old: u32| U32::new(endian, number(old as usize).unwrap_or(0) as u32);
            header.sh_link = new(header.sh_link(endian));
            if header.sh_flags(endian) & u64::from(elf::SHF_INFO_LINK) != 0 {
                header.sh_info = new(header.sh_info(endian));
            }
        }
        let Some(symbols) = self.section_of_type(elf::SHT_SYMTAB) else { return Ok(()) };
        let section = &mut self.sections[symbols];
        let contents = section.contents.as_deref().context("the symbols are loaded")?;
        let count = contents.len() / size_of::<Sym64<Endianness>>();
        let Ok((old, _)) = slice_from_bytes::<Sym64<Endianness>>(contents, count) else {
            bail!("the symbol table is damaged")
        };
        let mut kept = Vec::with_capacity(contents.len());
        let mut locals = 0;
        for (index, symbol) in old.iter().enumerate() {
            let mut symbol = *symbol;
            let place = symbol.st_shndx(endian);
            if place != elf::SHN_UNDEF && place < elf::SHN_LORESERVE {
                let Some(place) = number(place.into()) else { continue };
                symbol.st_shndx = U16::new(endian, place as u16);
            }
            locals += u32::from(index < section.header.sh_info(endian) as usize);
            kept.extend_from_slice(bytes_of(&symbol));
        }
        section.header.sh_info = U32::new(endian, locals);
        section.contents = Some(kept.into());
        Ok(())
    }
}

fn new_section(endian: Endianness, kind: u32, alignment: u64) -> SectionHeader64<Endianness> {
    let (zero, none) = (U32::new(endian, 0), U64::new(endian, 0));
    SectionHeader64 {
        sh_name: zero,
        sh_type: U32::new(endian, kind),
        sh_flags: none,
        sh_addr: none,
        sh_offset: none,
        sh_size: none,
        sh_link: zero,
        sh_info: zero,
        sh_addralign: U64::new(endian, alignment),
        sh_entsize: none,
    }
}

/// A file under construction.
struct Writer {
    endian: Endianness,
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends the contents of those sections that have some, and notes where they are.
    fn add_contents<'d>(&mut self, mut sections: Vec<Section<'d>>) -> Vec<Section<'d>> {
        for section in &mut sections {
            let Some(contents) = &section.contents else { continue };
            let alignment = section.header.sh_addralign(self.endian).clamp(1, MAX_ALIGNMENT) as usize;
            self.bytes.resize(self.bytes.len().next_multiple_of(alignment), 0);
            section.header.sh_offset = U64::new(self.endian, self.bytes.len() as u64);
            section.header.sh_size = U64::new(self.endian, contents.len() as u64);
            self.bytes.extend_from_slice(contents);
        }
        sections
    }

    /// Appends the names and the table of the sections.
    fn finish(mut self, mut sections: Vec<Section<'_>>) -> Result<Vec<u8>> {
        let mut names = vec![0];
        sections.push(Section {
            header: new_section(self.endian, elf::SHT_STRTAB, 1),
            name: NAMES,
            contents: None,
        });
        for section in sections.iter_mut().skip(1) {
            section.header.sh_name = U32::new(self.endian, names.len() as u32);
            names.extend_from_slice(section.name);
            names.push(0);
        }
        let last = sections.last_mut().expect("it was added");
        last.header.sh_offset = U64::new(self.endian, self.bytes.len() as u64);
        last.header.sh_size = U64::new(self.endian, names.len() as u64);
        self.bytes.extend(names);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let table = self.bytes.len() as u64;
        self.bytes.extend(sections.iter().flat_map(|section| bytes_of(&section.header)));
        let Ok(count) = u16::try_from(sections.len()) else { bail!("there are too many sections") };
        ensure!(count < elf::SHN_LORESERVE, "there are too many sections");
        self.put(offset_of!(Header, e_shoff), U64::new(self.endian, table));
        self.put(offset_of!(Header, e_shnum), U16::new(self.endian, count));
        self.put(offset_of!(Header, e_shstrndx), U16::new(self.endian, count - 1));
        Ok(self.bytes)
    }

    /// Sets a field of the file's header.
    fn put<T: object::Pod>(&mut self, at: usize, value: T) {
        self.bytes[at..at + size_of::<T>()].copy_from_slice(bytes_of(&value));
    }
}

#[cfg(test)]
mod tests {
    use object::write::{Object, Symbol, SymbolSection};
    use object::{Architecture, BinaryFormat, SectionKind, SymbolFlags, SymbolKind, SymbolScope};

    use super::*;

    /// Linkers may be any programs: what they write is damaged, and an error or harmless.
    #[test]
    fn damaged_files() {
        let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, object::Endianness::Little);
        let text = object.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
        let value = object.append_section_data(text, &[0xc3; 16], 16);
        object.add_symbol(Symbol {
            name: b"function".to_vec(),
            value,
            size: 16,
            kind: SymbolKind::Text,
            scope: SymbolScope::Dynamic,
            weak: false,
            section: SymbolSection::Section(text),
            flags: SymbolFlags::None,
        });
        let information = object.add_section(Vec::new(), b".debug_info".to_vec(), SectionKind::Debug);
        object.append_section_data(information, &[1; 16], 1);
        let whole = object.write().unwrap();
        split(&whole, "name", false).unwrap();
        for length in 0..whole.len() {
            assert!(split(&whole[..length], "name", false).is_err(), "{length}");
        }
        for value in [0, 1, 4, 0x7f, 0x80, 0xff] {
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] = value;
                for strip in [false, true] {
                    _ = split(&damaged, "name", strip);
                }
            }
        }
    }
}
