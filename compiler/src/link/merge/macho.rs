//! Reads Mach-O objects (Apple's `mach-o/loader.h`). If an object says that its sections may be cut
//! (`MH_SUBSECTIONS_VIA_SYMBOLS`), each symbol starts a piece; otherwise each section is one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use object::read::macho::{MachHeader as _, MachOFile64, Section as _};
use object::write::MachOBuildVersion;
use object::{
    Architecture, BinaryFormat, FileFlags, LittleEndian as LE, Object as _, ObjectSection as _,
    ObjectSymbol as _, RelocationFlags, RelocationTarget, SectionFlags, SectionIndex, SectionKind,
    SymbolFlags, SymbolKind, SymbolSection, macho,
};

use super::input::{
    Binding, Flags, Header, Inputs, Piece, PieceIndex, Place, Relocation, Source, Symbol, SymbolIndex,
};

type File<'d> = MachOFile64<'d, LE>;
type Section<'d, 'f> = object::read::macho::MachOSection64<'d, 'f, LE>;

/// The name of a symbol for the start of a piece that has none. Linkers leave it out of programs.
const START: &[u8] = b"l_start";

pub fn read<'d>(inputs: &mut Inputs<'d>, data: &'d [u8], source: Source) -> Result<()> {
    let file = File::parse(data)?;
    let FileFlags::MachO { flags } = file.flags() else { bail!("it isn't a Mach-O object") };
    // Only this flag says something that is still true of what is written.
    let flags = flags & macho::MH_SUBSECTIONS_VIA_SYMBOLS;
    let architecture = file.architecture();
    inputs.add_header(Header {
        format: BinaryFormat::MachO,
        architecture,
        endianness: file.endianness(),
        flags: FileFlags::MachO { flags },
        build_version: build_version(&file, data)?,
    })?;
    let mut object = Object { architecture, source, sections: Vec::new(), symbols: Vec::new() };
    let cuts = if flags != 0 { cuts(&file)? } else { Vec::new() };
    for section in file.sections() {
        object.add_section(inputs, &section, &cuts)?;
    }
    object.add_symbols(inputs, &file)?;
    let mut starts = Starts::new();
    for section in file.sections() {
        object.add_relocations(inputs, &section, &mut starts)?;
    }
    Ok(())
}

/// The places where the sections may be cut: the addresses of symbols, ascending.
fn cuts(file: &File<'_>) -> Result<Vec<u64>> {
    let starts_piece = |flags| match flags {
        SymbolFlags::MachO { n_desc } => n_desc & macho::N_ALT_ENTRY == 0,
        _ => false,
    };
    let symbols = file.symbols().filter(|symbol| matches!(symbol.section(), SymbolSection::Section(_)));
    let mut cuts: Vec<u64> =
        symbols.filter(|symbol| starts_piece(symbol.flags())).map(|symbol| symbol.address()).collect();
    cuts.sort_unstable();
    cuts.dedup();
    Ok(cuts)
}

/// The system that an object is for.
fn build_version(file: &File<'_>, data: &[u8]) -> Result<Option<MachOBuildVersion>> {
    let mut commands = file.macho_header().load_commands(LE, data, 0)?;
    while let Some(command) = commands.next()? {
        if let Some(version) = command.build_version()? {
            let mut copy = MachOBuildVersion::default();
            copy.platform = version.platform.get(LE);
            copy.minos = version.minos.get(LE);
            copy.sdk = version.sdk.get(LE);
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

/// Symbols for the starts of pieces.
type Starts = HashMap<PieceIndex, SymbolIndex>;

/// What became of an object.
struct Object {
    architecture: Architecture,
    source: Source,
    /// By number, from 1 on.
    sections: Vec<Extent>,
    symbols: Vec<Option<SymbolIndex>>,
}

/// A section, and its pieces.
struct Extent {
    /// In the object.
    addresses: Range<u64>,
    pieces: Vec<PieceIndex>,
    /// Offsets of the pieces, ascending; the first one is 0. None if the section is left out.
    starts: Vec<u64>,
}

impl Extent {
    /// The piece with an offset, and the offset in it. The end of a section belongs to its last piece.
    fn piece(&self, offset: u64) -> Option<(PieceIndex, u64)> {
        let index = self.starts.partition_point(|start| *start <= offset).checked_sub(1)?;
        Some((self.pieces[index], offset - self.starts[index]))
    }
}

impl Object {
    fn add_section<'d>(
        &mut self,
        inputs: &mut Inputs<'d>,
        section: &Section<'d, '_>,
        cuts: &[u64],
    ) -> Result<()> {
        let addresses = section.address()..section.address() + section.size();
        let SectionFlags::MachO { mut flags } = section.flags() else { bail!("it isn't a Mach-O object") };
        let (raw, mut kind) = (section.macho_section(), section.kind());
        let (mut segment, mut name) = (raw.segment_name(), raw.name());
        let mut extent = Extent { addresses, pieces: Vec::new(), starts: Vec::new() };
        if self.source == Source::Runtime {
            // What is for debuggers and unwinders isn't part of the program.
            if flags & macho::S_ATTR_DEBUG != 0 || segment == b"__LD" || name == b"__eh_frame" {
                self.sections.push(extent);
                return Ok(());
            }
            match flags & macho::SECTION_TYPE {
                macho::S_REGULAR | macho::S_ZEROFILL => {}
                // Linkers would cut these anew, by what is in them.
                macho::S_CSTRING_LITERALS
                | macho::S_4BYTE_LITERALS
                | macho::S_8BYTE_LITERALS
                | macho::S_16BYTE_LITERALS => {
                    (segment, name) = (b"__TEXT", b"__const");
                    (flags, kind) = (macho::S_REGULAR, SectionKind::ReadOnlyData);
                }
                other => {
                    bail!(
                        "the section `{}` of type {other:#x} isn't supported",
                        String::from_utf8_lossy(name)
                    )
                }
            }
        }
        let data = if kind.is_bss() { &[] } else { section.data()? };
        if !kind.is_bss() && data.len() as u64 != section.size() || !section.align().is_power_of_two() {
            bail!("the section `{}` is damaged", String::from_utf8_lossy(name));
        }
        let start = extent.addresses.start;
        extent.starts.push(0);
        let own = cuts.partition_point(|cut| *cut <= start)
            ..cuts.partition_point(|cut| *cut < extent.addresses.end);
        extent.starts.extend(cuts.get(own).unwrap_or_default().iter().map(|cut| cut - start));
        for (index, &start) in extent.starts.iter().enumerate() {
            let end = extent.starts.get(index + 1).copied().unwrap_or(section.size());
            // As much of it as the offset preserves.
            let alignment = match start {
                0 => section.align(),
                start => section.align().min(1 << start.trailing_zeros()),
            };
            extent.pieces.push(inputs.pieces.push(Piece {
                segment,
                name,
                kind,
                flags: SectionFlags::MachO { flags },
                alignment,
                size: end - start,
                data: Cow::Borrowed(data.get(start as usize..end as usize).unwrap_or_default()),
                relocations: Vec::new(),
                companions: Vec::new(),
            }));
        }
        self.sections.push(extent);
        Ok(())
    }

    fn section(&self, index: SectionIndex) -> Result<&Extent> {
        self.sections.get(index.0.wrapping_sub(1)).context("there is no such section")
    }

    fn add_symbols<'d>(&mut self, inputs: &mut Inputs<'d>, file: &File<'d>) -> Result<()> {
        for symbol in file.symbols() {
            let name = symbol.name_bytes()?;
            let place = match symbol.section() {
                SymbolSection::Undefined => Place::Undefined,
                SymbolSection::Absolute => Place::Absolute(symbol.address()),
                SymbolSection::Section(index) => {
                    let section = self.section(index)?;
                    let addresses = &section.addresses;
                    if symbol.address() < addresses.start || symbol.address() > addresses.end {
                        bail!("the symbol `{}` is outside of its section", String::from_utf8_lossy(name));
                    }
                    match section.piece(symbol.address() - addresses.start) {
                        Some((piece, offset)) => Place::Piece(piece, offset),
                        None => continue,
                    }
                }
                _ => bail!("the common symbol `{}`", String::from_utf8_lossy(name)),
            };
            let binding = match () {
                () if symbol.is_local() => Binding::Local,
                () if symbol.is_weak() => Binding::Weak,
                () => Binding::Global,
            };
            let flags = match symbol.flags() {
                SymbolFlags::MachO { n_desc } => Flags::MachO(n_desc),
                _ => Flags::None,
            };
            // The crate takes the compiler's symbols for the starts of sections for something else.
            let kind = if place == Place::Undefined { SymbolKind::Unknown } else { SymbolKind::Data };
            let index = inputs.symbols.push(Symbol { name, kind, flags, size: 0, place, binding });
            let number = symbol.index().0;
            if self.symbols.len() <= number {
                self.symbols.resize(number + 1, None);
            }
            self.symbols[number] = Some(index);
        }
        Ok(())
    }

    fn symbol(&self, index: object::SymbolIndex) -> Result<SymbolIndex> {
        self.symbols.get(index.0).copied().flatten().context("a relocation refers to no symbol")
    }

    fn add_relocations<'d>(
        &self,
        inputs: &mut Inputs<'d>,
        section: &Section<'d, '_>,
        starts: &mut Starts,
    ) -> Result<()> {
        let extent = self.section(section.index())?;
        if extent.pieces.is_empty() {
            return Ok(());
        }
        for (offset, raw) in section.relocations() {
            let (piece, at) = extent.piece(offset).context("a relocation is outside of its section")?;
            let symbol = match raw.target() {
                RelocationTarget::Symbol(index) => self.symbol(index)?,
                RelocationTarget::Section(index) => {
                    let place = extent.addresses.start + offset;
                    self.start(inputs, (piece, at), place, self.section(index)?, raw.flags(), starts)?
                }
                _ => bail!("a relocation refers to nothing"),
            };
            let minus = raw.subtractor().map(|index| self.symbol(index)).transpose()?;
            let (addend, flags) = (raw.addend(), raw.flags());
            inputs.pieces[piece].relocations.push(Relocation { offset: at, symbol, minus, addend, flags });
        }
        Ok(())
    }

    /// Makes a field that holds an address in a section of the object one that holds an offset in a piece, and returns
    /// a symbol for the piece. The field is at `at`, whose address is `place`.
    fn start(
        &self,
        inputs: &mut Inputs<'_>,
        (piece, at): (PieceIndex, u64),
        place: u64,
        section: &Extent,
        flags: RelocationFlags,
        starts: &mut Starts,
    ) -> Result<SymbolIndex> {
        let RelocationFlags::MachO { r_type, r_pcrel, r_length } = flags else {
            bail!("a relocation of another format")
        };
        // What a distance is counted from: the end of the instruction, which may be after the end of the field.
        let origin = match (self.architecture, r_type, r_pcrel) {
            (_, macho::X86_64_RELOC_UNSIGNED, false) => 0,
            (Architecture::X86_64, macho::X86_64_RELOC_SIGNED | macho::X86_64_RELOC_BRANCH, true) => {
                place + 4
            }
            (Architecture::X86_64, macho::X86_64_RELOC_SIGNED_1, true) => place + 5,
            (Architecture::X86_64, macho::X86_64_RELOC_SIGNED_2, true) => place + 6,
            (Architecture::X86_64, macho::X86_64_RELOC_SIGNED_4, true) => place + 8,
            _ => bail!("relocation {r_type} refers to a section instead of a symbol"),
        };
        let field = inputs.pieces[piece].data.to_mut().get_mut(at as usize..);
        let field = field.and_then(|data| data.get_mut(..1 << r_length));
        let field = field.context("a relocation is outside of its section")?;
        let value = match *field {
            [_, _, _, _] => i64::from(i32::from_le_bytes(field.try_into()?)),
            _ => i64::from_le_bytes((&*field).try_into().context("a word of another size")?),
        };
        let address = origin.wrapping_add_signed(value);
        let Range { start, end } = section.addresses;
        if address < start || address > end {
            bail!("a relocation refers to what is outside of its section");
        }
        let (target, offset) =
            section.piece(address - start).context("a relocation refers to a section that is left out")?;
        // With a symbol, the field counts from the end of the field and holds what comes after that as well.
        let after = if r_pcrel { origin - place - 4 } else { 0 };
        let offset = offset.wrapping_sub(after);
        field.copy_from_slice(&offset.to_le_bytes()[..field.len()]);
        let symbol = || Symbol {
            name: START,
            kind: SymbolKind::Data,
            flags: Flags::MachO(0),
            size: 0,
            place: Place::Piece(target, 0),
            binding: Binding::Local,
        };
        Ok(*starts.entry(target).or_insert_with(|| inputs.symbols.push(symbol())))
    }
}
