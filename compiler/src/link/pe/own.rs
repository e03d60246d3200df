//! The object that the linker itself adds to a DLL.

use anyhow::{Result, bail};
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SymbolFlags, SymbolKind, SymbolScope, pe,
};

/// An object under construction.
pub struct OwnObject {
    pub object: Object<'static>,
    /// The types of its relocations.
    pub machine: &'static Machine,
}

/// What differs between the two instruction sets.
pub struct Machine {
    /// `IMAGE_FILE_MACHINE_...`.
    pub number: u16,
    pub architecture: Architecture,
    /// Types of relocations: of an address relative to the start of the image, and of a word with an address.
    pub relative: u16,
    pub word: u16,
}

static X86_64: Machine = Machine {
    number: pe::IMAGE_FILE_MACHINE_AMD64,
    architecture: Architecture::X86_64,
    relative: pe::IMAGE_REL_AMD64_ADDR32NB,
    word: pe::IMAGE_REL_AMD64_ADDR64,
};

static ARM64: Machine = Machine {
    number: pe::IMAGE_FILE_MACHINE_ARM64,
    architecture: Architecture::Aarch64,
    relative: pe::IMAGE_REL_ARM64_ADDR32NB,
    word: pe::IMAGE_REL_ARM64_ADDR64,
};

impl Machine {
    /// `number`: `IMAGE_FILE_MACHINE_...`.
    pub fn of(number: u16) -> Result<&'static Machine> {
        match [&X86_64, &ARM64].into_iter().find(|machine| machine.number == number) {
            Some(machine) => Ok(machine),
            None => bail!("machine {number:#x} isn't known"),
        }
    }
}

impl OwnObject {
    pub fn new(machine: &'static Machine) -> OwnObject {
        let object = Object::new(BinaryFormat::Coff, machine.architecture, Endianness::Little);
        OwnObject { object, machine }
    }

    /// The symbol with this name, which another object defines, or this one later.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        match self.object.symbol_id(name.as_bytes()) {
            Some(symbol) => symbol,
            None => self.add(name, SymbolSection::Undefined, 0),
        }
    }

    /// Defines a symbol.
    pub fn define(&mut self, name: &str, section: SectionId, offset: u64) -> SymbolId {
        self.add(name, SymbolSection::Section(section), offset)
    }

    fn add(&mut self, name: &str, section: SymbolSection, value: u64) -> SymbolId {
        self.object.add_symbol(Symbol {
            name: name.into(),
            value,
            size: 0,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    /// Has a place in a section refer to a symbol. `addend` is stored there, unless it is zero.
    pub fn relocate(&mut self, section: SectionId, offset: u64, symbol: SymbolId, kind: u16, addend: i64) {
        let relocation = Relocation { offset, symbol, addend, flags: RelocationFlags::Coff { typ: kind } };
        self.object.add_relocation(section, relocation).expect("the type is one of these formats' own");
    }
}
