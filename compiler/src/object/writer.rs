//! The object under construction: symbols get their places, and data its relocations.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use cranelift_codegen::ir::{Endianness, Signature};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_module::{
    DataDescription, DataId, FuncId as ObjectFunc, Linkage, Module as _, ModuleRelocTarget,
};
use cranelift_object::{ObjectBuilder, ObjectModule};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::shared::Encode;
use wasm_aot_abi::symbols;

use super::coff;
use super::encode::{Encoded, encode};
use super::feature::{Data, Feature};
use super::image_end::{Chunk, ImageEnd, short_chunk};
use super::options::Options;
use super::word::Location;
use crate::layout::{Layout, Symbol};
use crate::program::{FuncKind, Program};

/// What a [`Symbol`] is in the object.
#[derive(Clone, Copy)]
pub enum Place {
    Func(ObjectFunc),
    Data(DataId),
}

/// The object under construction.
pub struct Writer<'e, 'p, 'a> {
    pub layout: &'e Layout<'p, 'a>,
    pub module: ObjectModule,
    pub places: BTreeMap<Symbol, Place>,
    features: &'e [Feature],
    /// Data symbols that are declared but not yet written; with their data if they are a feature's.
    pub pending: BTreeMap<Symbol, Option<Data>>,
    signature: Signature,
    pub image_end: ImageEnd,
    pub short_chunk: Option<Chunk>,
    /// Relocations that are added at the end.
    pub later: Vec<coff::Later>,
    core_dumps: bool,
    /// Whether an ELF object gets unwind tables.
    pub unwind_tables: bool,
}

impl<'e, 'p, 'a> Writer<'e, 'p, 'a> {
    pub fn new(
        layout: &'e Layout<'p, 'a>,
        isa: OwnedTargetIsa,
        options: Options,
        features: &'e [Feature],
    ) -> Result<Self> {
        let Options { image_end, unwind_tables, core_dumps, code_offset: _ } = options;
        let builder = ObjectBuilder::new(isa, "wasm", cranelift_module::default_libcall_names())?;
        Ok(Writer {
            layout,
            module: ObjectModule::new(builder),
            places: BTreeMap::new(),
            features,
            pending: BTreeMap::new(),
            // The object holds no types: any will do.
            signature: Signature::new(CallConv::SystemV),
            image_end,
            short_chunk: short_chunk(layout, image_end),
            later: Vec::new(),
            unwind_tables,
            core_dumps,
        })
    }

    pub fn program(&self) -> &'p Program<'a> {
        self.layout.program
    }

    /// Adds bytes to the code that are never executed.
    pub fn pad(&mut self, bytes: u32, alignment: u32) -> Result<()> {
        if bytes > 0 {
            let id = self.module.declare_anonymous_function(&self.signature)?;
            self.module.define_function_bytes(id, alignment.into(), &vec![0; bytes as usize], &[])?;
        }
        Ok(())
    }

    /// Gives a function of the program its place.
    pub fn declare_function(&mut self, symbol: Symbol) -> Result<()> {
        let id = self.module.declare_anonymous_function(&self.signature)?;
        self.places.insert(symbol, Place::Func(id));
        Ok(())
    }

    /// The place of a symbol, declared if this is its first use.
    pub fn place(&mut self, symbol: Symbol) -> Result<Place> {
        if let Some(place) = self.places.get(&symbol) {
            return Ok(*place);
        }
        let place = match symbol {
            Symbol::Func(func) | Symbol::Host(func) => match self.program().funcs[func].kind {
                FuncKind::Host(host) => Place::Func(self.module.declare_function(
                    &self.layout.hosts.symbol(host),
                    Linkage::Import,
                    &self.signature,
                )?),
                FuncKind::Bound(bound) => Place::Func(self.module.declare_function(
                    &self.layout.hosts.bound_symbol(self.program().canonical.bound[bound].function),
                    Linkage::Import,
                    &self.signature,
                )?),
                FuncKind::Embedder(embedder) => Place::Func(self.module.declare_function(
                    &self.program().embedder[embedder],
                    Linkage::Import,
                    &self.signature,
                )?),
                // Only its reference is used, never its code.
                _ => self.place(Symbol::MismatchStub)?,
            },
            Symbol::Builtin(builtin) => Place::Func(self.module.declare_function(
                self.builtin(builtin),
                Linkage::Import,
                &self.signature,
            )?),
            Symbol::Service(service) => Place::Func(self.module.declare_function(
                service.symbol(),
                Linkage::Import,
                &self.signature,
            )?),
            _ => {
                let data = self.features.iter().find_map(|feature| (feature.data)(self.layout, symbol));
                let writable = match &data {
                    Some(data) => data.writable,
                    None => is_writable(self.layout, symbol),
                };
                self.pending.insert(symbol, data);
                Place::Data(self.module.declare_anonymous_data(writable, false)?)
            }
        };
        self.places.insert(symbol, place);
        Ok(place)
    }

    /// The symbol of a builtin in the runtime.
    fn builtin(&self, builtin: Builtin) -> &'static str {
        match builtin {
            Builtin::MemoryGrow if self.core_dumps => symbols::MEMORY_GROW_DUMPED,
            Builtin::SharedMemoryGrow if self.core_dumps => symbols::SHARED_MEMORY_GROW_DUMPED,
            other => other.symbol(),
        }
    }

    pub fn target(&mut self, symbol: Symbol) -> Result<ModuleRelocTarget> {
        Ok(match self.place(symbol)? {
            Place::Func(id) => ModuleRelocTarget::from(id),
            Place::Data(id) => ModuleRelocTarget::from(id),
        })
    }

    pub fn define_bytes(&mut self, symbol: Symbol, bytes: &[u8]) -> Result<()> {
        let mut description = DataDescription::new();
        description.define(if bytes.is_empty() { Box::new([0]) } else { bytes.into() });
        self.define(symbol, &description)
    }

    pub fn define_words<T: Encode<Location>>(&mut self, symbol: Symbol, words: &[T]) -> Result<()> {
        let Place::Data(id) = self.places[&symbol] else { unreachable!("declared as data") };
        // Globals may hold vectors.
        let alignment = if symbol == Symbol::Globals { 16 } else { 8 };
        self.define_words_at(id, words, alignment)
    }

    pub fn define_words_at<T: Encode<Location>>(
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
    pub fn describe<T: Encode<Location>>(&mut self, items: &[T]) -> Result<DataDescription> {
        let mut description = self.relocated(encode(items, self.big_endian()))?;
        description.set_align(8);
        Ok(description)
    }

    /// Data that contains addresses. Never empty, since an object's data must not be.
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
                Location::Offset(symbol, addend) => (self.place(symbol)?, addend),
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

    pub fn define(&mut self, symbol: Symbol, description: &DataDescription) -> Result<()> {
        let Place::Data(id) = self.places[&symbol] else { unreachable!("declared as data") };
        self.module.define_data(id, description)?;
        Ok(())
    }

    pub fn big_endian(&self) -> bool {
        self.module.isa().endianness() == Endianness::Big
    }
}

/// Whether the program changes the data of this symbol.
fn is_writable(layout: &Layout<'_, '_>, symbol: Symbol) -> bool {
    match symbol {
        Symbol::Globals | Symbol::Memory(_) | Symbol::Table(_) | Symbol::SegmentLengths => true,
        Symbol::State => true,
        Symbol::CallersMemory => true,
        Symbol::Elements(instance, elements) => layout.segments.has_late_values(instance, elements),
        _ => false,
    }
}
