//! Reads objects whose pieces are their sections: ELF and COFF, as far as these are alike.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use object::read::{File, Section};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionFlags, SectionIndex,
    SectionKind, SymbolFlags, SymbolIndex as RawSymbol, SymbolKind, SymbolSection,
};

use super::input::{
    Binding, Flags, Header, Inputs, Piece, PieceIndex, Place, Relocation, Symbol, SymbolIndex,
};

/// How a section is written.
pub struct Style<'d> {
    pub name: &'d [u8],
    pub kind: SectionKind,
    pub flags: SectionFlags,
}

/// What became of an object's sections and symbols, by their indices.
pub struct Read {
    pieces: Vec<Option<PieceIndex>>,
    symbols: Vec<Option<SymbolIndex>>,
}

impl Read {
    /// The piece that a section is.
    pub fn piece(&self, section: SectionIndex) -> Option<PieceIndex> {
        self.pieces.get(section.0).copied().flatten()
    }

    pub fn symbol(&self, symbol: RawSymbol) -> Option<SymbolIndex> {
        self.symbols.get(symbol.0).copied().flatten()
    }
}

/// Reads an object. `style` says how a section is written; sections without one are left out.
pub fn read<'d>(
    inputs: &mut Inputs<'d>,
    file: &File<'d>,
    style: impl Fn(&Section<'d, '_>) -> Result<Option<Style<'d>>>,
) -> Result<Read> {
    inputs.add_header(Header {
        format: file.format(),
        architecture: file.architecture(),
        endianness: file.endianness(),
        flags: file.flags(),
        build_version: None,
    })?;
    let mut read = Read { pieces: Vec::new(), symbols: Vec::new() };
    let mut sections = Vec::new();
    for section in file.sections() {
        let Some(style) = style(&section)? else { continue };
        let size = section.size();
        let data = section.data()?;
        let alignment = section.align().max(1);
        let is_zero = style.kind.is_bss();
        if !alignment.is_power_of_two() || !is_zero && data.len() as u64 != size {
            bail!("the section `{}` is damaged", String::from_utf8_lossy(style.name));
        }
        let piece = inputs.pieces.push(Piece {
            segment: b"",
            name: style.name,
            kind: style.kind,
            flags: style.flags,
            alignment,
            size,
            data: Cow::Borrowed(if is_zero { &[] } else { data }),
            relocations: Vec::new(),
            companions: Vec::new(),
        });
        set(&mut read.pieces, section.index().0, piece);
        sections.push((section, piece));
    }
    for symbol in file.symbols() {
        if symbol.kind() == SymbolKind::File {
            continue;
        }
        let place = match symbol.section() {
            SymbolSection::Undefined => Place::Undefined,
            SymbolSection::Absolute => Place::Absolute(symbol.address()),
            SymbolSection::Section(index) => {
                // Of a section that is left out.
                let Some(piece) = read.piece(index) else { continue };
                if symbol.address() > inputs.pieces[piece].size {
                    bail!("the symbol `{}` is outside of its section", symbol.name()?);
                }
                Place::Piece(piece, symbol.address())
            }
            SymbolSection::Common => bail!("the common symbol `{}`", symbol.name()?),
            // COFF: what it stands for is in another symbol.
            _ if symbol.is_weak() => Place::Undefined,
            _ => continue,
        };
        let binding = match () {
            () if symbol.is_local() => Binding::Local,
            () if symbol.is_weak() => Binding::Weak,
            () => Binding::Global,
        };
        let flags = match symbol.flags() {
            SymbolFlags::Elf { st_info, st_other } => Flags::Elf { kind: st_info & 0xf, other: st_other },
            _ => Flags::None,
        };
        let name = if symbol.kind() == SymbolKind::Section { b"" } else { symbol.name_bytes()? };
        let size = symbol.size();
        let index = inputs.symbols.push(Symbol { name, kind: symbol.kind(), flags, size, place, binding });
        set(&mut read.symbols, symbol.index().0, index);
    }
    // What relocations refer to that refer to nothing: those that tell linkers what they may change.
    let mut nothing = None;
    for (section, piece) in sections {
        let mut relocations = Vec::new();
        for (offset, raw) in section.relocations() {
            let symbol = match raw.target() {
                RelocationTarget::Symbol(symbol) => read.symbol(symbol).with_context(|| {
                    format!("a relocation of `{}` refers to no symbol", section.name().unwrap_or_default())
                })?,
                RelocationTarget::Absolute => {
                    *nothing.get_or_insert_with(|| inputs.symbols.push(absolute_zero()))
                }
                _ => bail!("a relocation refers to a section"),
            };
            let (addend, flags) = (raw.addend(), raw.flags());
            relocations.push(Relocation { offset, symbol, minus: None, addend, flags });
        }
        inputs.pieces[piece].relocations = relocations;
    }
    Ok(read)
}

fn absolute_zero() -> Symbol<'static> {
    Symbol {
        name: b"",
        kind: SymbolKind::Label,
        flags: Flags::None,
        size: 0,
        place: Place::Absolute(0),
        binding: Binding::Local,
    }
}

/// Sets an element, and grows the vector to have it.
fn set<T: Copy>(elements: &mut Vec<Option<T>>, index: usize, value: T) {
    if elements.len() <= index {
        elements.resize(index + 1, None);
    }
    elements[index] = Some(value);
}
