//! Writes machine code and the program's data as a relocatable object.
//!
//! Only data that code refers to is written: functions go in first, then every symbol that they
//! (or other data) need.

mod coff;
mod data;
pub mod debug;
mod encode;
mod feature;
mod image;
mod image_end;
mod macho;
mod options;
mod state;
mod unwind;
mod word;
mod writer;

use std::collections::BTreeMap;

use anyhow::Result;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_module::{Module as _, ModuleReloc, ModuleRelocTarget};
use cranelift_object::ObjectProduct;
use object::write::{Object, SectionId, SymbolId};
use object::{BinaryFormat, SymbolScope};
use wasm_aot_abi::exception::SavedRegister;
use wasm_aot_abi::trap::Trap;

use crate::codegen::line;
use crate::codegen::{CallSite, CompiledFunction, InlinedCall, RelocationTarget, Site, StackMap};
use crate::layout::{Layout, Symbol};
use crate::program::{FuncId, FuncKind, Program};
pub use data::initial_globals;
pub use encode::{Encoded, encode};
pub use feature::{Contents, Data, Feature};
pub use image_end::ImageEnd;
pub use macho::place_debug;
pub use options::Options;
pub use word::{Location, Placed, Word};
use writer::{Place, Writer};

/// A finished object, to which metadata can still be added.
pub struct Written {
    pub product: ObjectProduct,
    pub big_endian: bool,
    /// The functions in the order of their code.
    pub functions: Vec<WrittenFunction>,
    pub symbols: Symbols,
}

/// What is part of the object, by the symbols that code uses for it.
pub struct Symbols(BTreeMap<Symbol, SymbolId>);

impl Symbols {
    /// The symbol in the object, if anything refers to it.
    pub fn get(&self, symbol: Symbol) -> Option<SymbolId> {
        self.0.get(&symbol).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = Symbol> {
        self.0.keys().copied()
    }
}

impl Written {
    /// The bytes of the object.
    ///
    /// # Errors
    /// If the format can't hold something.
    pub fn emit(self) -> Result<Vec<u8>> {
        let format = self.product.object.format();
        let mut bytes = self.product.emit()?;
        if format == BinaryFormat::MachO {
            macho::keep_whole(&mut bytes)?;
            macho::place_debug(&mut bytes)?;
        }
        Ok(bytes)
    }
}

pub struct WrittenFunction {
    pub symbol: SymbolId,
    /// What it is the code of.
    pub source: Symbol,
    pub name: String,
    pub traps: Vec<(u32, Trap)>,
    pub call_sites: Vec<CallSite>,
    pub saved_registers: Vec<SavedRegister>,
    pub stack_maps: Vec<StackMap>,
    pub sites: Vec<Site>,
    pub inlined: Vec<InlinedCall>,
}

/// Writes functions and all the data that they need.
pub fn write(
    layout: &Layout<'_, '_>,
    isa: OwnedTargetIsa,
    functions: Vec<CompiledFunction>,
    options: Options,
    features: &[Feature],
) -> Result<Written> {
    let mut writer = Writer::new(layout, isa, options, features)?;
    for function in &functions {
        writer.declare_function(function.symbol)?;
    }
    writer.pad(options.code_offset, 1)?;
    for function in &functions {
        writer.define_function(function)?;
    }
    match layout.program.library() {
        Some(library) => {
            writer.place(Symbol::StateTemplate)?;
            if !library.many {
                writer.place(Symbol::State)?;
            }
        }
        // Every memory is set up at start, even one that only the host accesses.
        None => {
            for memory in layout.program.memories.keys() {
                writer.place(Symbol::Memory(memory))?;
            }
        }
    }
    if layout.program.has_callers_memory {
        writer.place(Symbol::CallersMemory)?;
    }
    for symbol in features.iter().filter_map(|feature| (feature.placed)(layout)) {
        writer.place(symbol)?;
    }
    while let Some((symbol, data)) = writer.pending.pop_first() {
        match data {
            Some(data) => writer.define_contents(symbol, data.contents)?,
            None => writer.define_data(symbol)?,
        }
    }
    writer.finish(functions)
}

impl Writer<'_, '_, '_> {
    fn define_function(&mut self, function: &CompiledFunction) -> Result<()> {
        let Place::Func(id) = self.places[&function.symbol] else { unreachable!("declared as a function") };
        let mut relocations = Vec::with_capacity(function.relocations.len());
        let format = self.module.isa().triple().binary_format;
        for relocation in &function.relocations {
            let name = match relocation.target {
                RelocationTarget::Symbol(symbol) => {
                    let target = self.target(symbol)?;
                    if let Some(later) = coff::Later::new(format, function.symbol, relocation, symbol)? {
                        self.later.push(later);
                        continue;
                    }
                    target
                }
                RelocationTarget::Label(offset) => ModuleRelocTarget::FunctionOffset(id, offset),
            };
            relocations.push(ModuleReloc {
                offset: relocation.offset,
                kind: relocation.kind,
                name,
                addend: relocation.addend,
            });
        }
        let mut alignment = function.alignment;
        if let Some(offset) = function.line {
            match line::lead(offset, alignment) {
                0 => alignment = line::LINE,
                lead => self.pad(lead, line::LINE)?,
            }
        }
        let alignment = u64::from(alignment);
        self.module.define_function_bytes(id, alignment, &function.code, &relocations)?;
        Ok(())
    }

    fn finish(self, compiled: Vec<CompiledFunction>) -> Result<Written> {
        let big_endian = self.big_endian();
        let triple = self.module.isa().triple();
        let is_coff = triple.binary_format == target_lexicon::BinaryFormat::Coff;
        let is_elf = triple.binary_format == target_lexicon::BinaryFormat::Elf;
        let architecture = triple.architecture;
        let mut product = self.module.finish();
        if self.short_chunk.is_some() {
            image::align_pages(&mut product.object);
        }
        let symbol_of = |product: &ObjectProduct, symbol: &Symbol| match self.places[symbol] {
            Place::Func(id) => product.function_symbol(id),
            Place::Data(id) => product.data_symbol(id),
        };
        for later in &self.later {
            let (function, target) =
                (symbol_of(&product, &later.function), symbol_of(&product, &later.target));
            later.add(&mut product, function, target)?;
        }
        let is_executable = self.layout.program.library().is_none();
        if is_coff || is_elf && self.unwind_tables {
            let functions = compiled.iter().map(|function| unwind::Function {
                symbol: symbol_of(&product, &function.symbol),
                code: &function.code,
                prologue: &function.prologue,
                saved: &function.saved_registers,
                // The stack that the process began on is another.
                is_outermost: is_executable && function.symbol == Symbol::Main,
            });
            let functions: Vec<_> = functions.collect();
            if is_coff {
                unwind::add_windows_tables(&mut product, architecture, &functions)?;
            } else {
                unwind::add_frame_table(&mut product, architecture, big_endian, &functions)?;
            }
        }
        let mut functions = Vec::with_capacity(compiled.len());
        for CompiledFunction {
            symbol,
            name,
            traps,
            call_sites,
            saved_registers,
            stack_maps,
            sites,
            inlined,
            ..
        } in compiled
        {
            let id = symbol_of(&product, &symbol);
            let label = match symbol {
                Symbol::Func(func) => mangled_name(self.layout.program, func).unwrap_or(&name).to_owned(),
                Symbol::Interface(index) => {
                    let library = self.layout.program.library().expect("it has an interface");
                    product.object.symbol_mut(id).scope = SymbolScope::Dynamic;
                    library.functions[index as usize].symbol.clone()
                }
                Symbol::Main => "wasm_aot.main".to_owned(),
                Symbol::UninitializedStub => "wasm_aot.uninitialized_element".to_owned(),
                Symbol::MismatchStub => "wasm_aot.type_mismatch".to_owned(),
                other => format!("wasm_aot.{other:?}"),
            };
            let mut label = label.replace('\0', "?").into_bytes();
            if let Some(prefix) = product.object.mangling().global_prefix() {
                label.insert(0, prefix);
            }
            product.object.symbol_mut(id).name = label;
            functions.push(WrittenFunction {
                symbol: id,
                source: symbol,
                name,
                traps,
                call_sites,
                saved_registers,
                stack_maps,
                sites,
                inlined,
            });
        }
        let symbols = self.places.keys().map(|symbol| (*symbol, symbol_of(&product, symbol))).collect();
        Ok(Written { symbols: Symbols(symbols), functions, big_endian, product })
    }
}

/// The name of a function of a module, if it is one that debuggers and profilers demangle.
fn mangled_name<'a>(program: &Program<'a>, func: FuncId) -> Option<&'a str> {
    match program.funcs[func].kind {
        FuncKind::Wasm(instance, index) => program.instances[instance].module.mangled_name(index),
        _ => None,
    }
}

/// Adds a symbol for the start of a section.
pub fn section_symbol(object: &mut Object<'static>, section: SectionId) -> SymbolId {
    match object.format() {
        BinaryFormat::MachO => macho::section_symbol(object, section),
        _ => object.section_symbol(section),
    }
}
