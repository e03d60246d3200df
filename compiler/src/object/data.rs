//! The contents of data symbols, as `wasm_aot_abi::layout` describes them.

use anyhow::Result;
use cranelift_module::{DataDescription, Module as _};
use wasm_aot_abi::layout::{FuncRef, Memory, Table};
use wasm_aot_abi::shared::Pointer;

use super::feature::Contents;
use super::word::{Location, Placed, Word};
use super::writer::Writer;
use crate::layout::{Layout, Symbol};
use crate::program::{FuncId, FuncKind, TableId, TypeId, Value};

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
            Symbol::CallersMemory => {
                let words = [const { Word::Number(0) }; size_of::<Memory>() / 8];
                self.define_words(symbol, &words)
            }
            Symbol::Table(table) => self.define_table(symbol, table),
            Symbol::TablePairs(table) => {
                let pairs = self.table_pairs(table);
                self.define_words(symbol, &pairs)
            }
            Symbol::SparseElements(table) => {
                let elements = self.program().tables[table].sparse().into_iter().flatten();
                let words: Vec<Word> =
                    elements.flat_map(|(index, value)| [Word::Number(*index), Word::from(*value)]).collect();
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
                let words: Vec<Word> = values.into_iter().map(Word::from).collect();
                self.define_words(symbol, &words)
            }
            Symbol::State => self.define_state(symbol),
            Symbol::StateTemplate => self.define_template(symbol),
            other => unreachable!("{other:?} is no data"),
        }
    }

    /// Writes the data that a feature supplies for a declared symbol.
    pub(super) fn define_contents(&mut self, symbol: Symbol, contents: Contents) -> Result<()> {
        match contents {
            Contents::Bytes(bytes) => self.define_bytes(symbol, &bytes),
            Contents::Words(words) => self.define_words(symbol, &words),
        }
    }

    /// The number by which code identifies the type of a function.
    fn number(&self, signature: TypeId) -> u64 {
        self.program().types.range(signature).start.into()
    }

    fn func_ref(&self, func: FuncId, code: Symbol) -> FuncRef<Placed> {
        let signature = self.number(self.program().funcs[func].signature);
        FuncRef { code: Pointer::to(Location::Symbol(code)), signature }
    }

    /// The code that calls through tables and references reach.
    fn code(&self, func: FuncId) -> Symbol {
        match self.program().funcs[func].kind {
            FuncKind::Host(_) | FuncKind::Bound(_) | FuncKind::Embedder(_)
                if self.layout.hosts.has_trampoline(func) =>
            {
                Symbol::Trampoline(func)
            }
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
                let elements: Vec<Word> = plan.dense().map(Word::from).collect();
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
            value => set(offset, Word::from(value)),
        }
    }
    words
}
