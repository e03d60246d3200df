//! Reads a Mach-O executable for the tests, without the linker's code: header, load commands, chained fixups as the
//! system follows them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use object::read::macho::{MachHeader as _, Nlist as _, Section as _, Segment as _};
use object::{LittleEndian as LE, macho};

type Header = macho::MachHeader64<LE>;

pub struct Image<'d> {
    pub bytes: &'d [u8],
    pub flags: u32,
    /// Number of each load command, and its bytes.
    pub commands: Vec<(u32, &'d [u8])>,
    pub segments: Vec<Segment<'d>>,
    pub sections: Vec<Section<'d>>,
    pub symbols: Vec<Symbol>,
    pub imports: Vec<Import>,
    /// Words that hold addresses, and the addresses; the image isn't moved.
    pub addresses: BTreeMap<u64, u64>,
    /// Words that hold addresses of imports, and which.
    pub bound: BTreeMap<u64, usize>,
}

pub struct Segment<'d> {
    pub name: String,
    pub address: u64,
    pub size: u64,
    pub file_offset: u64,
    pub data: &'d [u8],
    pub protection: [u32; 2],
    pub flags: u32,
}

pub struct Section<'d> {
    pub segment: String,
    pub name: String,
    pub address: u64,
    pub size: u64,
    pub file_offset: u64,
    pub alignment: u64,
    pub flags: u32,
    /// For stubs and for pointers to imports: the index of the first entry in the indirect symbol table.
    pub first_indirect: u32,
    pub data: &'d [u8],
}

pub struct Symbol {
    pub name: String,
    pub kind: u8,
    /// Number of the section, from 1 on.
    pub section: u8,
    pub address: u64,
}

pub struct Import {
    pub name: String,
    pub library: u8,
    pub weak: bool,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn half(bytes: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_le_bytes(*bytes.get(at..).and_then(|bytes| bytes.first_chunk()).context("2 bytes")?))
}

pub fn word(bytes: &[u8], at: usize) -> Result<u32> {
    Ok(u32::from_le_bytes(*bytes.get(at..).and_then(|bytes| bytes.first_chunk()).context("4 bytes")?))
}

pub fn long(bytes: &[u8], at: usize) -> Result<u64> {
    Ok(u64::from_le_bytes(*bytes.get(at..).and_then(|bytes| bytes.first_chunk()).context("8 bytes")?))
}

impl<'d> Image<'d> {
    pub fn read(bytes: &'d [u8]) -> Result<Image<'d>> {
        let header = Header::parse(bytes, 0)?;
        ensure!(header.filetype(LE) == macho::MH_EXECUTE, "it is no executable");
        let mut image = Image {
            bytes,
            flags: header.flags(LE),
            commands: Vec::new(),
            segments: Vec::new(),
            sections: Vec::new(),
            symbols: Vec::new(),
            imports: Vec::new(),
            addresses: BTreeMap::new(),
            bound: BTreeMap::new(),
        };
        let mut commands = header.load_commands(LE, bytes, 0)?;
        while let Some(command) = commands.next()? {
            image.commands.push((command.cmd(), command.raw_data()));
            if let Some((segment, sections)) = command.segment_64()? {
                image.segments.push(Segment {
                    name: text(segment.name()),
                    address: segment.vmaddr(LE),
                    size: segment.vmsize(LE),
                    file_offset: segment.fileoff(LE),
                    data: segment.data(LE, bytes).ok().context("a segment is outside of the file")?,
                    protection: [segment.maxprot(LE), segment.initprot(LE)],
                    flags: segment.flags(LE),
                });
                for section in segment.sections(LE, sections)? {
                    image.sections.push(Section {
                        segment: text(section.segment_name()),
                        name: text(section.name()),
                        address: section.addr(LE),
                        size: section.size(LE),
                        file_offset: section.offset(LE).into(),
                        alignment: 1 << section.align(LE),
                        flags: section.flags(LE),
                        first_indirect: section.reserved1.get(LE),
                        data: section.data(LE, bytes).ok().context("a section is outside of the file")?,
                    });
                }
            } else if let Some(table) = command.symtab()? {
                let table = table.symbols::<Header, _>(LE, bytes)?;
                for symbol in table.iter() {
                    image.symbols.push(Symbol {
                        name: text(symbol.name(LE, table.strings())?),
                        kind: symbol.n_type(),
                        section: symbol.n_sect(),
                        address: symbol.n_value(LE),
                    });
                }
            }
        }
        image.read_fixups()?;
        Ok(image)
    }

    /// The only command with this number.
    pub fn command(&self, number: u32) -> Result<&'d [u8]> {
        let mut found = self.commands.iter().filter(|(other, _)| *other == number);
        let (_, bytes) = found.next().with_context(|| format!("there is no load command {number:#x}"))?;
        ensure!(found.next().is_none(), "there are several load commands {number:#x}");
        Ok(bytes)
    }

    /// The range of the file that a command with an offset and a size refers to.
    pub fn linked_data(&self, number: u32) -> Result<&'d [u8]> {
        let command = self.command(number)?;
        let (at, size) = (word(command, 8)? as usize, word(command, 12)? as usize);
        self.bytes.get(at..at + size).context("it is outside of the file")
    }

    /// The name of a symbol in the table of indirect ones; none for a pointer at what isn't imported.
    pub fn indirect(&self, index: u32) -> Result<Option<&str>> {
        let table = self.command(macho::LC_DYSYMTAB)?;
        let (at, count) = (word(table, 56)? as usize, word(table, 60)?);
        ensure!(index < count, "there is no indirect symbol {index}");
        match word(self.bytes, at + 4 * index as usize)? {
            0x8000_0000 => Ok(None),
            symbol => Ok(Some(&self.symbols.get(symbol as usize).context("an indirect symbol")?.name)),
        }
    }

    pub fn section(&self, segment: &str, name: &str) -> Result<&Section<'d>> {
        let mut sections = self.sections.iter();
        let found = sections.find(|section| section.segment == segment && section.name == name);
        found.with_context(|| format!("there is no section {segment},{name}"))
    }

    pub fn symbol(&self, name: &str) -> Option<u64> {
        let found =
            self.symbols.iter().find(|symbol| symbol.name == name && symbol.kind & macho::N_TYPE != 0);
        found.map(|symbol| symbol.address)
    }

    /// The contents from an address on, as far as they are in the file.
    pub fn at(&self, address: u64) -> Result<&'d [u8]> {
        let contains =
            |segment: &&Segment<'_>| (segment.address..segment.address + segment.size).contains(&address);
        let segment = self.segments.iter().find(contains).context("an address outside of the image")?;
        Ok(segment.data.get((address - segment.address) as usize..).unwrap_or_default())
    }

    fn read_fixups(&mut self) -> Result<()> {
        let bytes = self.linked_data(macho::LC_DYLD_CHAINED_FIXUPS)?;
        let [version, starts, imports, names, count, format, compression] = {
            let mut words = [0; 7];
            for (index, value) in words.iter_mut().enumerate() {
                *value = word(bytes, 4 * index)?;
            }
            words
        };
        ensure!((version, format, compression) == (0, 1, 0), "fixups of another version");
        for index in 0..count {
            let entry = word(bytes, (imports + 4 * index) as usize)?;
            let name = bytes.get((names + (entry >> 9)) as usize..).context("the name of an import")?;
            let end = name.iter().position(|byte| *byte == 0).context("a name has no end")?;
            let name = text(&name[..end]);
            self.imports.push(Import { name, library: entry as u8, weak: entry >> 8 & 1 != 0 });
        }
        let starts = bytes.get(starts as usize..).context("the starts of chains")?;
        ensure!(word(starts, 0)? as usize == self.segments.len(), "fixups are of other segments");
        for index in 0..self.segments.len() {
            let at = word(starts, 4 + 4 * index)? as usize;
            if at != 0 {
                self.read_segment(index, starts.get(at..).context("the starts of a segment")?)?;
            }
        }
        Ok(())
    }

    /// Follows the chains of a segment, of which none may leave its page.
    fn read_segment(&mut self, index: usize, starts: &[u8]) -> Result<()> {
        let segment = &self.segments[index];
        let (size, page, format) = (word(starts, 0)?, u64::from(half(starts, 4)?), half(starts, 6)?);
        let count = half(starts, 20)?;
        // Aligned data may come after it.
        ensure!(size.saturating_sub(22 + 2 * u32::from(count)) < 8, "the size of a segment's starts");
        ensure!(format == 2, "pointers have the format {format}");
        ensure!(page == 0x1000 || page == 0x4000, "fixups have pages of {page} bytes");
        let image_start =
            self.segments.iter().find(|segment| segment.name == "__TEXT").context("no __TEXT")?.address;
        ensure!(long(starts, 8)? == segment.address - image_start, "fixups are of another segment");
        ensure!(word(starts, 16)? == 0, "pointers of 32 bits");
        for number in 0..count {
            let start = half(starts, 22 + 2 * usize::from(number))?;
            if start == 0xffff {
                continue;
            }
            let mut offset = u64::from(number) * page + u64::from(start);
            loop {
                ensure!(offset / page == u64::from(number), "a chain leaves its page");
                ensure!(offset.is_multiple_of(8), "a word isn't aligned");
                let word = long(segment.data, offset as usize)?;
                let (address, next) = (segment.address + offset, word >> 51 & 0xfff);
                if word >> 63 == 0 {
                    ensure!(word >> 36 & 0x7fff == 0, "bits of an address that mean nothing");
                    self.addresses.insert(address, word & ((1 << 36) - 1));
                } else {
                    ensure!(word >> 24 & 0x7ff_ffff == 0, "an import with an addend");
                    self.bound.insert(address, (word & 0xff_ffff) as usize);
                }
                match next {
                    0 => break,
                    next => offset += 4 * next,
                }
                if offset > segment.size {
                    bail!("a chain leaves its segment");
                }
            }
        }
        Ok(())
    }
}
