//! The contents of data symbols, as `wasm_aot_abi::layout` describes them.

use std::collections::HashMap;

use anyhow::Result;
use cranelift_module::{DataDescription, DataId, Module as _};
use wasm_aot_abi::gc::Allocation;

use super::{Place, Writer};
use crate::layout::{Layout, NULL_SIGNATURE, Symbol};
use crate::program::{FuncId, FuncKind, GlobalId, TableId, TypeId, Value};

/// A pointer to a symbol or a word.
#[derive(Clone, Copy)]
enum Word {
    Number(u64),
    Address(Symbol),
}

/// Is the data of this symbol changed by the program?
pub fn is_writable(layout: &Layout<'_, '_>, symbol: Symbol) -> bool {
    match symbol {
        Symbol::Globals
        | Symbol::Memory(_)
        | Symbol::Table(_)
        | Symbol::SegmentLengths
        | Symbol::Fuel
        | Symbol::Allocation => true,
        Symbol::Elements(instance, elements) => layout.segments.has_late_values(instance, elements),
        _ => false,
    }
}

impl Writer<'_, '_, '_> {
    /// Writes the contents of a declared symbol.
    pub(super) fn define_data(&mut self, symbol: Symbol) -> Result<()> {
        match symbol {
            Symbol::Globals => {
                let words = self.globals();
                self.define_words(symbol, words)
            }
            Symbol::SegmentLengths => {
                let words = self.layout.segments.lengths.iter().map(|length| Word::Number(*length)).collect();
                self.define_words(symbol, words)
            }
            Symbol::Fuel => {
                self.define_words(symbol, vec![Word::Number(self.layout.options.fuel.unwrap_or(0))])
            }
            Symbol::Allocation => self.define_words(symbol, vec![Word::Number(0); Allocation::BYTES / 8]),
            Symbol::ThreadState => {
                let mut words = self.globals();
                words.extend(self.layout.segments.lengths.iter().map(|length| Word::Number(*length)));
                self.define_words(symbol, words)
            }
            Symbol::Memory(memory) => self.define_memory(symbol, memory),
            Symbol::Table(table) => self.define_table(symbol, table),
            Symbol::TablePairs(table) => {
                let words = self.table_pairs(table);
                self.define_words(symbol, words)
            }
            Symbol::SparseElements(table) => {
                let elements = self.program().tables[table].sparse().into_iter().flatten();
                let words =
                    elements.flat_map(|(index, value)| [Word::Number(*index), self.word(*value)]).collect();
                self.define_words(symbol, words)
            }
            Symbol::TableCode(table, signature) => {
                let words = self.table_code(table, signature);
                self.define_words(symbol, words)
            }
            Symbol::FuncRef(func) => {
                let signature = self.program().funcs[func].signature;
                let words = vec![Word::Address(self.code(func)), self.number(signature)];
                self.define_words(symbol, words)
            }
            Symbol::Data(instance, data) => {
                let bytes = self.program().instances[instance].module.data[data].bytes;
                self.define_bytes(symbol, bytes)
            }
            Symbol::TraceText(func) => {
                self.define_bytes(symbol, self.layout.hosts.trace_text(func).as_bytes())
            }
            Symbol::Elements(instance, elements) => {
                let program = self.program();
                let instance = &program.instances[instance];
                let items = &instance.module.elements[elements].items;
                let values = crate::program::element_values(program, instance, items);
                let words = values.into_iter().map(|value| self.word(value)).collect();
                self.define_words(symbol, words)
            }
            other => unreachable!("{other:?} is no data"),
        }
    }

    /// The initial values of the written globals, each at its offset.
    fn globals(&self) -> Vec<Word> {
        let mut words = Vec::new();
        words.resize_with(self.layout.globals_bytes() as usize / 8, || Word::Number(0));
        let mut set = |offset: i32, word: Word| words[offset as usize / 8] = word;
        let written = |id: GlobalId| !self.layout.facts.global(id).is_constant();
        for (id, global) in self.program().globals.iter().filter(|(id, _)| written(*id)) {
            let offset = self.layout.global_offset(id);
            match global.init {
                Value::V128(bytes) => {
                    let (low, high) = bytes.split_at(8);
                    set(offset, self.bytes_word(low));
                    set(offset + 8, self.bytes_word(high));
                }
                // A value of 32 bits is in the first half of its slot.
                Value::I32(_) | Value::F32(_) if self.big_endian() => {
                    set(offset, Word::Number(global.init.bits().unwrap_or(0) << 32));
                }
                value => set(offset, self.word(value)),
            }
        }
        words
    }

    /// The word that has these bytes in memory.
    fn bytes_word(&self, bytes: &[u8]) -> Word {
        let bytes = bytes.try_into().expect("8 bytes");
        Word::Number(if self.big_endian() { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    fn word(&self, value: Value) -> Word {
        match value {
            Value::Func(func) => Word::Address(Symbol::FuncRef(func)),
            other => Word::Number(other.bits().expect("a number or a reference")),
        }
    }

    /// The number by which code knows the type of a function.
    fn number(&self, signature: TypeId) -> Word {
        Word::Number(self.program().types.range(signature).start.into())
    }

    /// What calls through tables and references call.
    fn code(&self, func: FuncId) -> Symbol {
        match self.program().funcs[func].kind {
            FuncKind::Host(_) if self.layout.hosts.has_trampoline(func) => Symbol::Trampoline(func),
            _ => Symbol::Func(func),
        }
    }

    /// Has the function code in this program, so that a table can point at it?
    fn has_code(&self, func: FuncId) -> bool {
        self.layout.facts.is_reachable(func)
    }

    fn table_pairs(&self, table: TableId) -> Vec<Word> {
        let elements = self.program().tables[table].dense();
        elements
            .flat_map(|element| match element {
                Value::Func(func) => {
                    let signature = self.program().funcs[func].signature;
                    let code = if self.has_code(func) { self.code(func) } else { Symbol::MismatchStub };
                    [Word::Address(code), self.number(signature)]
                }
                _ => [Word::Number(0), Word::Number(NULL_SIGNATURE.into())],
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
                let elements = plan.dense().map(|element| self.word(element)).collect();
                self.define_words_at(array, elements, 8)?;
            }
            Some(_) => {
                let mut description = DataDescription::new();
                description.set_align(8);
                description.define_zeroinit(size as usize * 8);
                self.module.define_data(array, &description)?;
            }
        }
        let mut description = DataDescription::new();
        description.define(words_to_bytes(&[0, size, maximum, size], self.big_endian()));
        let array = self.module.declare_data_in_data(array, &mut description);
        description.write_data_addr(0, array, 0);
        description.set_align(8);
        self.define(symbol, &description)
    }

    fn define_bytes(&mut self, symbol: Symbol, bytes: &[u8]) -> Result<()> {
        let mut description = DataDescription::new();
        description.define(if bytes.is_empty() { Box::new([0]) } else { bytes.into() });
        self.define(symbol, &description)
    }

    fn define_words(&mut self, symbol: Symbol, words: Vec<Word>) -> Result<()> {
        let Place::Data(id) = self.places[&symbol] else { unreachable!("declared as data") };
        // Globals may be vectors.
        let alignment = if symbol == Symbol::Globals { 16 } else { 8 };
        self.define_words_at(id, words, alignment)
    }

    fn define_words_at(&mut self, id: DataId, words: Vec<Word>, alignment: u64) -> Result<()> {
        let mut description = DataDescription::new();
        description.set_align(alignment);
        if words.iter().all(|word| matches!(word, Word::Number(0))) {
            description.define_zeroinit(words.len().max(1) * 8);
            self.module.define_data(id, &description)?;
            return Ok(());
        }
        let numbers: Vec<u64> =
            words.iter().map(|word| if let Word::Number(number) = word { *number } else { 0 }).collect();
        description.define(words_to_bytes(&numbers, self.big_endian()));
        let mut known = HashMap::new();
        for (index, word) in words.iter().enumerate() {
            let Word::Address(symbol) = word else { continue };
            let offset = index as u32 * 8;
            let place = self.place(*symbol)?;
            match place {
                Place::Func(func) => {
                    let reference = *known
                        .entry(*symbol)
                        .or_insert_with(|| self.module.declare_func_in_data(func, &mut description));
                    description.write_function_addr(offset, reference);
                }
                Place::Data(data) => {
                    let reference = self.module.declare_data_in_data(data, &mut description);
                    description.write_data_addr(offset, reference, 0);
                }
            }
        }
        self.module.define_data(id, &description)?;
        Ok(())
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

/// Words in the target's byte order. Never empty, as an object's data must not be.
pub(super) fn words_to_bytes(words: &[u64], big_endian: bool) -> Box<[u8]> {
    let bytes = |word: &u64| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let mut all: Vec<u8> = words.iter().flat_map(bytes).collect();
    if all.is_empty() {
        all.push(0);
    }
    all.into_boxed_slice()
}
