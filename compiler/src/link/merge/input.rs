//! What may go into the merged object: pieces, which are kept or left out as a whole, the symbols in them, and what
//! refers to these. A piece is a section, or in Mach-O a part of one (an atom).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, bail};
use cranelift_entity::{EntityRef as _, PrimaryMap, entity_impl};
use object::write::MachOBuildVersion;
use object::{
    Architecture, BinaryFormat, Endianness, FileFlags, RelocationFlags, SectionFlags, SymbolKind, elf,
};

/// Where an object comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Our compiler: everything in it is kept.
    Object,
    /// The runtime's archive: what isn't reached is left out.
    Runtime,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PieceIndex(u32);
entity_impl!(PieceIndex);

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SymbolIndex(u32);
entity_impl!(SymbolIndex);

/// The objects, after one another.
#[derive(Default)]
pub struct Inputs<'d> {
    pub header: Option<Header>,
    pub pieces: PrimaryMap<PieceIndex, Piece<'d>>,
    pub symbols: PrimaryMap<SymbolIndex, Symbol<'d>>,
    /// Functions of the system's libraries for which the archive has import objects.
    pub imports: HashSet<&'d [u8]>,
    /// The symbol that stands for all of a name outside their objects.
    names: HashMap<&'d [u8], SymbolIndex>,
    /// The symbol that stands for each, by index.
    resolved: Vec<SymbolIndex>,
}

/// What the object says about itself.
#[derive(Clone)]
pub struct Header {
    pub format: BinaryFormat,
    pub architecture: Architecture,
    pub endianness: Endianness,
    pub flags: FileFlags,
    /// Mach-O: the system that it is for.
    pub build_version: Option<MachOBuildVersion>,
}

pub struct Piece<'d> {
    /// Mach-O: the segment of its section.
    pub segment: &'d [u8],
    /// The name of its section.
    pub name: &'d [u8],
    /// Type of its section, in ELF.
    pub kind: object::SectionKind,
    pub flags: SectionFlags,
    /// In bytes, a power of two.
    pub alignment: u64,
    /// In bytes.
    pub size: u64,
    /// Empty for zero-filled data.
    pub data: Cow<'d, [u8]>,
    /// In the order of the object.
    pub relocations: Vec<Relocation>,
    /// Pieces that are needed where this one is: what the system must know to unwind a function.
    pub companions: Vec<PieceIndex>,
}

/// A place in a piece that depends on where something is.
#[derive(Clone, Copy)]
pub struct Relocation {
    /// Offset in the piece.
    pub offset: u64,
    pub symbol: SymbolIndex,
    /// Mach-O: what is subtracted.
    pub minus: Option<SymbolIndex>,
    /// What the relocation itself adds; what its field holds is part of the piece's data.
    pub addend: i64,
    pub flags: RelocationFlags,
}

#[derive(Clone, Copy)]
pub struct Symbol<'d> {
    pub name: &'d [u8],
    pub kind: SymbolKind,
    /// What is specific to the format.
    pub flags: Flags,
    pub size: u64,
    pub place: Place,
    pub binding: Binding,
}

/// What a format says about a symbol beside the rest.
#[derive(Clone, Copy)]
pub enum Flags {
    None,
    /// Type, and visibility with flags of the architecture.
    Elf {
        kind: u8,
        other: u8,
    },
    /// `n_desc`.
    MachO(u16),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Undefined,
    Absolute(u64),
    /// An offset in a piece.
    Piece(PieceIndex, u64),
    /// COFF: what the symbol stands for if its name isn't defined.
    Alias(SymbolIndex),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    Local,
    Weak,
    Global,
}

impl<'d> Inputs<'d> {
    /// Notes what an object says about itself. The first one counts; all must be for the same machine.
    pub fn add_header(&mut self, header: Header) -> Result<()> {
        let Some(first) = &mut self.header else {
            self.header = Some(header);
            return Ok(());
        };
        if (first.format, first.architecture, first.endianness)
            != (header.format, header.architecture, header.endianness)
        {
            bail!("it is for another machine than the first object");
        }
        match (&mut first.flags, header.flags) {
            (FileFlags::Elf { e_flags, .. }, FileFlags::Elf { e_flags: other, .. }) => {
                *e_flags = elf_flags(header.architecture, *e_flags, other)?;
            }
            // What is still true if it is true of both.
            (FileFlags::MachO { flags }, FileFlags::MachO { flags: other }) => *flags &= other,
            _ => {}
        }
        Ok(())
    }

    /// Decides what each symbol stands for. In an object a local symbol stands for itself; outside of it, a
    /// global definition takes precedence of a weak one, and the first of several is taken.
    pub fn resolve(&mut self) -> Result<()> {
        for (index, symbol) in &self.symbols {
            if symbol.binding == Binding::Local {
                continue;
            }
            let entry = self.names.entry(symbol.name).or_insert(index);
            if rank(symbol) > rank(&self.symbols[*entry]) {
                *entry = index;
            }
        }
        self.resolved = self.symbols.keys().map(|index| self.follow(index)).collect::<Result<_>>()?;
        Ok(())
    }

    fn follow(&self, index: SymbolIndex) -> Result<SymbolIndex> {
        // A fallback has a name, and isn't a fallback itself.
        let mut index = self.by_name(index);
        for _ in 0..2 {
            match self.symbols[index].place {
                Place::Alias(fallback) => index = self.by_name(fallback),
                _ => return Ok(index),
            }
        }
        let name = String::from_utf8_lossy(self.symbols[index].name);
        bail!("the symbol `{name}` stands for a symbol that stands for another")
    }

    fn by_name(&self, index: SymbolIndex) -> SymbolIndex {
        match &self.symbols[index] {
            Symbol { binding: Binding::Local, .. } => index,
            symbol => self.names[symbol.name],
        }
    }

    /// The symbol that another one stands for: local, undefined, or the definition of its name.
    pub fn resolved(&self, index: SymbolIndex) -> SymbolIndex {
        self.resolved[index.index()]
    }

    /// The symbol that a name stands for outside of objects.
    pub fn named(&self, name: &[u8]) -> Option<SymbolIndex> {
        self.names.get(name).map(|index| self.resolved(*index))
    }

    /// The names that are defined for other objects.
    pub fn defined_names(&self) -> impl Iterator<Item = &'d [u8]> {
        self.symbols
            .values()
            .filter(|symbol| symbol.binding != Binding::Local && symbol.place != Place::Undefined)
            .map(|symbol| symbol.name)
    }
}

/// Which of several symbols with one name is taken.
fn rank(symbol: &Symbol<'_>) -> u8 {
    match (symbol.place, symbol.binding) {
        (Place::Undefined, Binding::Weak) => 0,
        (Place::Undefined, _) => 1,
        (Place::Alias(_), _) => 2,
        (_, Binding::Weak) => 3,
        _ => 4,
    }
}

/// The flags of an ELF object that consists of two.
///
/// # Errors
/// If they can't be in one program.
fn elf_flags(architecture: Architecture, one: u32, other: u32) -> Result<u32> {
    // RISC-V ELF psABI, "File Header": whether instructions of 2 bytes are used doesn't matter to others.
    let free = if architecture == Architecture::Riscv64 { elf::EF_RISCV_RVC } else { 0 };
    let differ = (one ^ other) & !free;
    (differ == 0).then_some(one | other).with_context(|| format!("the flags {other:#x} differ from {one:#x}"))
}
