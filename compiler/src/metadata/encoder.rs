//! Writes metadata, structures that contain the addresses of symbols, into the sections of the object.

use object::write::{
    Object, Relocation, SectionId, StandardSection, Symbol as ObjectSymbol, SymbolId, SymbolSection,
};
use object::{RelocationEncoding, RelocationFlags, RelocationKind, SymbolFlags, SymbolKind, SymbolScope};
use wasm_aot_abi::shared::{Code, Encode, Foreign, Pointer, Store};

use crate::layout::Symbol;
use crate::object::{Encoded, Symbols, Written, WrittenFunction, encode};

/// What an address in the object refers to.
#[derive(Clone, Copy)]
pub struct Address {
    pub symbol: SymbolId,
    pub addend: i64,
}

impl Address {
    pub fn symbol(symbol: SymbolId) -> Address {
        Address { symbol, addend: 0 }
    }
}

/// The pointers of shared structures in metadata.
pub type Symbolic = Foreign<Address>;

/// A pointer in metadata.
pub type Reference<T> = Pointer<Address, T>;

/// A function that the runtime calls without arguments.
pub type Procedure = Code<Address, extern "C" fn()>;

/// A function of the object, and the offset of its first byte in the code.
#[derive(Clone, Copy)]
pub struct PlacedFunction<'w> {
    pub start: u32,
    pub function: &'w WrittenFunction,
}

pub struct Encoder<'w> {
    pub object: &'w mut Object<'static>,
    symbols: &'w Symbols,
    big_endian: bool,
    read_only: SectionId,
    relocated: SectionId,
}

impl<'w> Encoder<'w> {
    /// An encoder for an object and the functions in it.
    pub fn new(written: &'w mut Written) -> (Encoder<'w>, &'w [WrittenFunction]) {
        let Written { product, big_endian, functions, symbols } = written;
        let object = &mut product.object;
        let read_only = object.section_id(StandardSection::ReadOnlyData);
        let relocated = object.section_id(StandardSection::ReadOnlyDataWithRel);
        (Encoder { object, symbols, big_endian: *big_endian, read_only, relocated }, functions)
    }

    /// Adds an array to a section, 8-byte aligned.
    pub fn add_to<T: Encode<Address>>(&mut self, section: SectionId, items: &[T]) -> Reference<T> {
        let Encoded { bytes, addresses } = encode(items, self.big_endian);
        let start = self.object.append_section_data(section, &bytes, 8);
        for (offset, Address { symbol, addend }) in addresses {
            let flags = RelocationFlags::Generic {
                kind: RelocationKind::Absolute,
                encoding: RelocationEncoding::Generic,
                size: 64,
            };
            let relocation = Relocation { offset: start + offset, symbol, addend, flags };
            self.object.add_relocation(section, relocation).expect("every target has 64-bit pointers");
        }
        Pointer::to(Address { symbol: self.section_symbol(section), addend: start as i64 })
    }

    /// Adds what the runtime finds by this name: in relocated data, even if it has no pointers.
    pub fn define<T: Encode<Address>>(&mut self, name: &str, item: T) {
        let section = self.relocated;
        let at = self.add_to(section, &[item]).address.expect("not null");
        self.object.add_symbol(ObjectSymbol {
            name: name.as_bytes().to_vec(),
            value: at.addend as u64,
            size: T::BYTES as u64,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
    }

    /// Adds a symbol for the start of a section.
    pub fn section_symbol(&mut self, section: SectionId) -> SymbolId {
        crate::object::section_symbol(self.object, section)
    }

    /// The address of what a symbol stands for; null if it isn't part of the object.
    pub fn pointer<T>(&self, symbol: Symbol) -> Reference<T> {
        self.symbols.get(symbol).map_or(Pointer::NULL, |symbol| Pointer::to(Address::symbol(symbol)))
    }

    /// Bytes of the data of a symbol, if it is part of the object and can be written.
    pub fn writable_bytes(&mut self, symbol: Symbol) -> Option<u64> {
        let writable = [StandardSection::Data, StandardSection::UninitializedData];
        let writable = writable.map(|section| self.object.section_id(section));
        let symbol = self.object.symbol(self.symbols.get(symbol)?);
        writable.contains(&symbol.section.id()?).then_some(symbol.size)
    }

    /// The address of a place in what a symbol stands for; null if that isn't part of the object.
    pub fn pointer_into<T>(&self, symbol: Symbol, offset: i32) -> Reference<T> {
        let at = |symbol| Pointer::to(Address { symbol, addend: offset.into() });
        self.symbols.get(symbol).map_or(Pointer::NULL, at)
    }

    /// What is part of the object, by the symbols that code uses for it.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        self.symbols.iter()
    }

    /// A function of the object.
    pub fn code<F>(&self, symbol: Symbol) -> Code<Address, F> {
        let symbol = self.symbols.get(symbol).expect("the function is compiled");
        Code::at(Address::symbol(symbol))
    }

    fn undefined(&mut self, name: &str) -> SymbolId {
        // The writer adds it only to the names of functions and data.
        let prefix = self.object.mangling().global_prefix();
        self.object.add_symbol(ObjectSymbol {
            name: [prefix.as_slice(), name.as_bytes()].concat(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        })
    }
}

impl Store<Address> for Encoder<'_> {
    fn array<T: Encode<Address>>(&mut self, items: &[T]) -> Reference<T> {
        let section = if T::HAS_POINTERS { self.relocated } else { self.read_only };
        self.add_to(section, items)
    }

    fn import<F>(&mut self, symbol: &str) -> Code<Address, F> {
        let known = self.object.symbol_id(symbol.as_bytes());
        Code::at(Address::symbol(known.unwrap_or_else(|| self.undefined(symbol))))
    }
}
