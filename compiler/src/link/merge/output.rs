//! Writes the merged object. In ELF and COFF each piece stays a section of its own, so that the host's linker can
//! still leave it out; Mach-O has room for 255 sections, so there the parts of a section are put together again.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail};
use cranelift_entity::{EntityRef as _, SecondaryMap};
use object::write::{Mangling, Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{BinaryFormat, SectionFlags, SectionKind, SymbolFlags, SymbolKind, SymbolScope, elf, pe};

use super::input::{Binding, Flags, Inputs, Piece, PieceIndex, Place, SymbolIndex};
use super::live::Live;

/// Symbols have one byte for the number of their section in Mach-O.
const MACHO_SECTIONS: usize = 255;

/// Writes the needed pieces. Symbols that are defined and whose names aren't in `interface` become local.
///
/// # Errors
/// If the format can't hold something.
pub fn write(inputs: &Inputs<'_>, live: &Live, interface: &BTreeSet<Vec<u8>>) -> Result<Vec<u8>> {
    let header = inputs.header.as_ref().context("there is no object")?;
    let mut object = Object::new(header.format, header.architecture, header.endianness);
    object.set_mangling(Mangling::None);
    object.flags = header.flags;
    if let Some(version) = header.build_version {
        object.set_macho_build_version(version);
    }
    let mut writer = Writer { inputs, object, places: SecondaryMap::new(), symbols: SecondaryMap::new() };
    writer.add_pieces(live)?;
    writer.add_symbols(live, interface);
    writer.add_relocations(live)?;
    if header.format == BinaryFormat::Elf {
        // Without it, the program's stack would be executable.
        let name = b".note.GNU-stack".to_vec();
        let note = writer.object.add_section(Vec::new(), name, SectionKind::Other);
        writer.object.section_mut(note).flags = SectionFlags::Elf { sh_flags: 0 };
    }
    Ok(writer.object.write()?)
}

struct Writer<'i, 'd> {
    inputs: &'i Inputs<'d>,
    object: Object<'i>,
    /// Where each piece is.
    places: SecondaryMap<PieceIndex, Option<(SectionId, u64)>>,
    symbols: SecondaryMap<SymbolIndex, Option<SymbolId>>,
}

impl<'i> Writer<'i, '_> {
    fn add_pieces(&mut self, live: &Live) -> Result<()> {
        let mut together = HashMap::new();
        let mut count = 0;
        for (index, piece) in self.inputs.pieces.iter().filter(|(index, _)| live.pieces.contains(*index)) {
            let place = if self.object.format() == BinaryFormat::MachO {
                let SectionFlags::MachO { flags } = piece.flags else { bail!("a section of another format") };
                let key = (piece.segment, piece.name, flags);
                match together.get(&key) {
                    Some(section) => (*section, self.append(*section, piece)),
                    None => {
                        count += 1;
                        let section = self.add_section(piece);
                        together.insert(key, section);
                        (section, 0)
                    }
                }
            } else {
                count += 1;
                (self.add_section(piece), 0)
            };
            self.places[index] = Some(place);
        }
        let limit = match self.object.format() {
            BinaryFormat::MachO => MACHO_SECTIONS,
            BinaryFormat::Coff => pe::IMAGE_SYM_SECTION_MAX as usize,
            _ => usize::MAX,
        };
        if count > limit {
            bail!("there are {count} sections, of {limit} that the format allows");
        }
        Ok(())
    }

    fn add_section(&mut self, piece: &'i Piece<'_>) -> SectionId {
        let id = self.object.add_section(piece.segment.to_vec(), piece.name.to_vec(), piece.kind);
        self.object.section_mut(id).flags = piece.flags;
        if piece.kind.is_bss() {
            self.object.append_section_bss(id, piece.size, piece.alignment);
        } else {
            self.object.set_section_data(id, Cow::Borrowed(&*piece.data), piece.alignment);
        }
        id
    }

    fn append(&mut self, section: SectionId, piece: &Piece<'_>) -> u64 {
        if piece.kind.is_bss() {
            self.object.append_section_bss(section, piece.size, piece.alignment)
        } else {
            self.object.append_section_data(section, &piece.data, piece.alignment)
        }
    }

    fn add_symbols(&mut self, live: &Live, interface: &BTreeSet<Vec<u8>>) {
        for (index, symbol) in &self.inputs.symbols {
            let is_used = live.symbols.contains(index);
            let (section, value) = match symbol.place {
                Place::Piece(piece, offset) => match self.places[piece] {
                    Some((section, start)) => (SymbolSection::Section(section), start + offset),
                    None => continue,
                },
                // What nothing refers to is left out.
                _ if !is_used => continue,
                Place::Absolute(value) => (SymbolSection::Absolute, value),
                Place::Undefined => (SymbolSection::Undefined, 0),
                Place::Alias(_) => continue,
            };
            let is_global = symbol.binding != Binding::Local
                && interface.contains(symbol.name)
                && self.inputs.resolved(index) == index;
            if !is_used && !is_global && is_temporary(symbol.name) {
                continue;
            }
            if symbol.kind == SymbolKind::Section
                && let SymbolSection::Section(section) = section
            {
                self.symbols[index] = Some(self.object.section_symbol(section));
                continue;
            }
            let is_undefined = symbol.place == Place::Undefined;
            let id = self.object.add_symbol(Symbol {
                name: symbol.name.to_vec(),
                value,
                size: symbol.size,
                kind: match symbol.kind {
                    SymbolKind::Unknown if !is_undefined => SymbolKind::Data,
                    kind => kind,
                },
                scope: if is_global || is_undefined {
                    SymbolScope::Dynamic
                } else {
                    SymbolScope::Compilation
                },
                weak: false,
                section,
                flags: flags(symbol.flags, symbol.binding, is_global, is_undefined),
            });
            self.symbols[index] = Some(id);
        }
    }

    fn add_relocations(&mut self, live: &Live) -> Result<()> {
        for (index, piece) in &self.inputs.pieces {
            let Some((section, start)) = self.places[index].filter(|_| live.pieces.contains(index)) else {
                continue;
            };
            for relocation in &piece.relocations {
                let symbol = self.symbol(relocation.symbol)?;
                let minus = relocation.minus.map(|minus| self.symbol(minus)).transpose()?;
                let relocation = Relocation {
                    offset: start + relocation.offset,
                    symbol,
                    addend: relocation.addend,
                    flags: relocation.flags,
                };
                self.object.add_relocation_with_subtractor(section, relocation, minus)?;
            }
        }
        Ok(())
    }

    /// The written symbol that stands for a symbol.
    fn symbol(&self, index: SymbolIndex) -> Result<SymbolId> {
        let resolved = self.inputs.resolved(index);
        self.symbols[resolved].with_context(|| {
            let name = String::from_utf8_lossy(self.inputs.symbols[index].name).into_owned();
            format!("the symbol {} `{name}` isn't in a section that is kept", index.index())
        })
    }
}

/// The flags of a written symbol.
fn flags(
    flags: Flags,
    binding: Binding,
    is_global: bool,
    is_undefined: bool,
) -> SymbolFlags<SectionId, SymbolId> {
    match flags {
        Flags::None => SymbolFlags::None,
        Flags::Elf { kind, other } => {
            let binding = match binding {
                Binding::Weak if is_undefined => elf::STB_WEAK,
                _ if is_global || is_undefined => elf::STB_GLOBAL,
                _ => elf::STB_LOCAL,
            };
            // Only what stays undefined keeps its visibility; the other bits are the architecture's.
            let other = if is_undefined { other } else { other & !3 };
            SymbolFlags::Elf { st_info: binding << 4 | kind, st_other: other }
        }
        // No symbol is weak, since there is nothing that could take its place.
        Flags::MachO(description) if is_undefined => SymbolFlags::MachO { n_desc: description },
        Flags::MachO(description) => SymbolFlags::MachO { n_desc: description & !object::macho::N_WEAK_DEF },
    }
}

/// Whether a name was only for the assembler or the linker: those of constants and of places in functions.
fn is_temporary(name: &[u8]) -> bool {
    name.is_empty()
        || [&b".L"[..], b"L", b"l_", b"ltmp", b"_.L"].iter().any(|prefix| name.starts_with(prefix))
}
