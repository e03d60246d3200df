//! The contents of data symbols, as `wasm_aot_abi::layout` describes them.

use std::collections::HashMap;

use anyhow::Result;
use cranelift_module::{DataDescription, DataId, Module as _};
use wasm_aot_abi::layout::{FuncRef, Table};
use wasm_aot_abi::shared::{Encode, Foreign, Pointer, Sink};

use super::{Contents, Encoded, Place, Writer, encode};
use crate::layout::{Layout, Symbol};
use crate::program::{FuncId, FuncKind, TableId, TypeId, Value};

/// A word of the program's.
#[derive(Clone, Copy)]
pub enum Word {
    Number(u64),
    /// A number of 32 bits, in the first half of the word.
    Half(u32),
    Bytes([u8; 8]),
    /// A reference to a function.
    Address(Symbol),
}

/// What an address in data is that of.
#[derive(Clone, Copy)]
pub(super) enum Location {
    Symbol(Symbol),
    /// Data without a symbol of ours, and an offset in it.
    Data(DataId, i64),
    /// An address that is known.
    Constant(u64),
}

/// The pointers of shared structures in data.
pub(super) type Placed = Foreign<Location>;

impl Encode<Location> for Word {
    const BYTES: usize = 8;
    const HAS_POINTERS: bool = true;

    fn encode(&self, to: &mut impl Sink<Location>) {
        match *self {
            Word::Number(number) => to.u64(number),
            Word::Half(number) => {
                to.u32(number);
                to.u32(0);
            }
            Word::Bytes(bytes) => bytes.iter().for_each(|byte| to.u8(*byte)),
            Word::Address(symbol) => to.address(Some(Location::Symbol(symbol))),
        }
    }
}

/// Whether the program changes the data of this symbol.
pub fn is_writable(layout: &Layout<'_, '_>, symbol: Symbol) -> bool {
    match symbol {
        Symbol::Globals | Symbol::Memory(_) | Symbol::Table(_) | Symbol::SegmentLengths => true,
        Symbol::Elements(instance, elements) => layout.segments.has_late_values(instance, elements),
        _ => false,
    }
}

impl Writer<'_, '_, '_> {
    /// Writes the contents of a declared symbol.
    pub(super) fn define_data(&mut self, symbol: Symbol) -> Result<()> {
        match symbol {
            Symbol::Globals => {
                let words = initial_globals(self.layout);
                self.define_words(symbol, &words)
            }
            Symbol::SegmentLengths => self.define_words(symbol, &self.layout.segments.lengths),
            Symbol::Memory(memory) => self.define_memory(symbol, memory),
            Symbol::Table(table) => self.define_table(symbol, table),
            Symbol::TablePairs(table) => {
                let pairs = self.table_pairs(table);
                self.define_words(symbol, &pairs)
            }
            Symbol::SparseElements(table) => {
                let elements = self.program().tables[table].sparse().into_iter().flatten();
                let words: Vec<Word> =
                    elements.flat_map(|(index, value)| [Word::Number(*index), word(*value)]).collect();
                self.define_words(symbol, &words)
            }
            Symbol::TableCode(table, signature) => {
                let words = self.table_code(table, signature);
                self.define_words(symbol, &words)
            }
            Symbol::FuncRef(func) => {
                let reference = self.func_ref(func, self.code(func));
                self.define_words(symbol, &[reference])
            }
            Symbol::Data(instance, data) => {
                let bytes = self.program().instances[instance].module.data[data].bytes;
                self.define_bytes(symbol, bytes)
            }
            Symbol::Elements(instance, elements) => {
                let program = self.program();
                let instance = &program.instances[instance];
                let items = &instance.module.elements[elements].items;
                let values = crate::program::element_values(program, instance, items);
                let words: Vec<Word> = values.into_iter().map(word).collect();
                self.define_words(symbol, &words)
            }
            other => unreachable!("{other:?} is no data"),
        }
    }

    /// Writes what a feature says that a declared symbol stands for.
    pub(super) fn define_contents(&mut self, symbol: Symbol, contents: Contents) -> Result<()> {
        match contents {
            Contents::Bytes(bytes) => self.define_bytes(symbol, &bytes),
            Contents::Words(words) => self.define_words(symbol, &words),
        }
    }

    /// The number by which code knows the type of a function.
    fn number(&self, signature: TypeId) -> u64 {
        self.program().types.range(signature).start.into()
    }

    fn func_ref(&self, func: FuncId, code: Symbol) -> FuncRef<Placed> {
        let signature = self.number(self.program().funcs[func].signature);
        FuncRef { code: Pointer::to(Location::Symbol(code)), signature }
    }

    /// What calls through tables and references call.
    fn code(&self, func: FuncId) -> Symbol {
        match self.program().funcs[func].kind {
            FuncKind::Host(_) if self.layout.hosts.has_trampoline(func) => Symbol::Trampoline(func),
            _ => Symbol::Func(func),
        }
    }

    /// Whether the function has code in this program, so that a table can point at it.
    fn has_code(&self, func: FuncId) -> bool {
        self.layout.facts.is_reachable(func)
    }

    fn table_pairs(&self, table: TableId) -> Vec<FuncRef<Placed>> {
        let elements = self.program().tables[table].dense();
        let null = FuncRef { code: Pointer::NULL, signature: crate::layout::NULL_SIGNATURE.into() };
        elements
            .map(|element| match element {
                Value::Func(func) if self.has_code(func) => self.func_ref(func, self.code(func)),
                Value::Func(func) => self.func_ref(func, Symbol::MismatchStub),
                _ => null,
            })
            .collect()
    }

    fn table_code(&self, table: TableId, signature: TypeId) -> Vec<Word> {
        let elements = self.program().tables[table].dense();
        elements
            .map(|element| match element {
                Value::Func(func) if self.program().has_type(func, signature) => self.code(func),
                Value::Func(_) => Symbol::MismatchStub,
                _ => Symbol::UninitializedStub,
            })
            .map(Word::Address)
            .collect()
    }

    fn define_table(&mut self, symbol: Symbol, table: TableId) -> Result<()> {
        let plan = &self.program().tables[table];
        let array = self.module.declare_anonymous_data(true, false)?;
        let (size, maximum) = (plan.size(), plan.maximum());
        match plan.sparse() {
            None => {
                let elements: Vec<Word> = plan.dense().map(word).collect();
                self.define_words_at(array, &elements, 8)?;
            }
            Some(_) => {
                let mut description = DataDescription::new();
                description.set_align(8);
                description.define_zeroinit(size as usize * 8);
                self.module.define_data(array, &description)?;
            }
        }
        let elements = Pointer::to(Location::Data(array, 0));
        let table = Table::<Placed> { elements, size, maximum, capacity: size };
        let description = self.describe(&[table])?;
        self.define(symbol, &description)
    }

    fn define_bytes(&mut self, symbol: Symbol, bytes: &[u8]) -> Result<()> {
        let mut description = DataDescription::new();
        description.define(if bytes.is_empty() { Box::new([0]) } else { bytes.into() });
        self.define(symbol, &description)
    }

    fn define_words<T: Encode<Location>>(&mut self, symbol: Symbol, words: &[T]) -> Result<()> {
        let Place::Data(id) = self.places[&symbol] else { unreachable!("declared as data") };
        // Globals may be vectors.
        let alignment = if symbol == Symbol::Globals { 16 } else { 8 };
        self.define_words_at(id, words, alignment)
    }

    fn define_words_at<T: Encode<Location>>(
        &mut self,
        id: DataId,
        words: &[T],
        alignment: u64,
    ) -> Result<()> {
        let encoded = encode(words, self.big_endian());
        let is_zero = encoded.addresses.is_empty() && encoded.bytes.iter().all(|byte| *byte == 0);
        let mut description = if is_zero {
            let mut description = DataDescription::new();
            description.define_zeroinit(encoded.bytes.len().max(8));
            description
        } else {
            self.relocated(encoded)?
        };
        description.set_align(alignment);
        self.module.define_data(id, &description)?;
        Ok(())
    }

    /// Structures as data.
    pub(super) fn describe<T: Encode<Location>>(&mut self, items: &[T]) -> Result<DataDescription> {
        let mut description = self.relocated(encode(items, self.big_endian()))?;
        description.set_align(8);
        Ok(description)
    }

    /// Data with addresses in it. Never empty, as an object's data must not be.
    fn relocated(&mut self, encoded: Encoded<Location>) -> Result<DataDescription> {
        let Encoded { mut bytes, addresses } = encoded;
        if bytes.is_empty() {
            bytes.push(0);
        }
        let mut description = DataDescription::new();
        let big_endian = self.big_endian();
        let mut known = HashMap::new();
        for (offset, location) in addresses {
            let offset = offset as u32;
            let (place, addend) = match location {
                Location::Symbol(symbol) => (self.place(symbol)?, 0),
                Location::Data(data, addend) => (Place::Data(data), addend),
                Location::Constant(address) => {
                    let address = if big_endian { address.to_be_bytes() } else { address.to_le_bytes() };
                    bytes[offset as usize..][..8].copy_from_slice(&address);
                    continue;
                }
            };
            match place {
                Place::Func(func) => {
                    let reference = *known
                        .entry(func)
                        .or_insert_with(|| self.module.declare_func_in_data(func, &mut description));
                    description.write_function_addr(offset, reference);
                }
                Place::Data(data) => {
                    let reference = self.module.declare_data_in_data(data, &mut description);
                    description.write_data_addr(offset, reference, addend);
                }
            }
        }
        description.define(bytes.into_boxed_slice());
        Ok(description)
    }

    pub(super) fn define(&mut self, symbol: Symbol, description: &DataDescription) -> Result<()> {
        let Place::Data(id) = self.places[&symbol] else { unreachable!("declared as data") };
        self.module.define_data(id, description)?;
        Ok(())
    }

    pub(super) fn big_endian(&self) -> bool {
        self.module.isa().endianness() == cranelift_codegen::ir::Endianness::Big
    }
}

/// The initial values of the written globals, each at its offset.
pub fn initial_globals(layout: &Layout<'_, '_>) -> Vec<Word> {
    let mut words = Vec::new();
    words.resize_with(layout.globals_bytes() as usize / 8, || Word::Number(0));
    let mut set = |offset: i32, word: Word| words[offset as usize / 8] = word;
    for (id, global) in
        layout.program.globals.iter().filter(|(id, _)| !layout.facts.global(*id).is_constant())
    {
        let offset = layout.global_offset(id);
        match global.init {
            Value::V128(bytes) => {
                let (low, high) = bytes.split_at(8);
                set(offset, Word::Bytes(low.try_into().expect("8 bytes")));
                set(offset + 8, Word::Bytes(high.try_into().expect("8 bytes")));
            }
            Value::I32(_) | Value::F32(_) => set(offset, Word::Half(global.init.bits().unwrap_or(0) as u32)),
            value => set(offset, word(value)),
        }
    }
    words
}

fn word(value: Value) -> Word {
    match value {
        Value::Func(func) => Word::Address(Symbol::FuncRef(func)),
        other => Word::Number(other.bits().expect("a number or a reference")),
    }
}
