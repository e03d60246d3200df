//! Machine code and the program's data to a relocatable object.
//!
//! Only data that code refers to is written: functions go in first, then every symbol that they
//! (or other data) need.

mod coff;
mod data;
mod image;
mod macho;
mod unwind;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use cranelift_codegen::ir::Signature;
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_module::{DataId, FuncId as ObjectFunc, Linkage, Module as _, ModuleReloc, ModuleRelocTarget};
use cranelift_object::{ObjectBuilder, ObjectModule, ObjectProduct};
use object::BinaryFormat;
use object::write::{Object, SectionId, SymbolId};
use wasm_aot_abi::exception::SavedRegister;
use wasm_aot_abi::trap::Trap;

use crate::codegen::{CallSite, CompiledFunction, RelocationTarget, StackMap};
use crate::layout::{Layout, Symbol, ThreadLayout};
use crate::program::{FuncKind, GlobalId, InitStep, MemoryId, Program};
pub use image::ImageEnd;

/// What a symbol of ours is in the object.
#[derive(Clone, Copy)]
enum Place {
    Func(ObjectFunc),
    Data(DataId),
}

/// The object under construction.
pub struct Writer<'e, 'p, 'a> {
    layout: &'e Layout<'p, 'a>,
    module: ObjectModule,
    places: BTreeMap<Symbol, Place>,
    /// Data symbols that are declared but not yet written.
    pending: BTreeSet<Symbol>,
    signature: Signature,
    image_end: ImageEnd,
    short_chunk: Option<image::Chunk>,
    /// Relocations that are added in the end.
    later: Vec<coff::Later>,
}

/// A finished object, to which metadata can still be added.
pub struct Written {
    pub product: ObjectProduct,
    pub big_endian: bool,
    /// The functions in the order of their code: symbol in the object, name and traps.
    pub functions: Vec<WrittenFunction>,
    pub memories: Vec<(MemoryId, SymbolId)>,
    pub commands: Vec<SymbolId>,
    /// The written globals and how many words they are, if some of them can hold references of exceptions.
    pub exception_globals: Option<(SymbolId, u64)>,
    /// Descriptors of the tables that hold such references.
    pub exception_tables: Vec<SymbolId>,
    /// What the collector looks at, in a program that has objects.
    pub heap: Option<WrittenHeap>,
    pub main: Option<SymbolId>,
    /// What is left of the fuel, if it is counted.
    pub fuel: Option<SymbolId>,
    pub threads: Option<WrittenThreads>,
}

/// What a program that starts threads has for each of them.
pub struct WrittenThreads {
    pub layout: ThreadLayout,
    /// `Symbol::ThreadState`.
    pub state: SymbolId,
    /// `Symbol::ThreadMain`.
    pub main: SymbolId,
}

/// Where a program that has objects keeps references of them, beside the stack.
pub struct WrittenHeap {
    /// `Symbol::Allocation`.
    pub allocation: SymbolId,
    /// `Symbol::Globals`, and the offsets of those that are references.
    pub globals: Option<(SymbolId, Vec<u32>)>,
    /// Descriptors of tables.
    pub tables: Vec<SymbolId>,
    /// Element segments that are evaluated at run time, with their lengths.
    pub segments: Vec<(SymbolId, u64)>,
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
        }
        Ok(bytes)
    }
}

pub struct WrittenFunction {
    pub symbol: SymbolId,
    pub name: String,
    pub traps: Vec<(u32, Trap)>,
    pub call_sites: Vec<CallSite>,
    pub saved_registers: Vec<SavedRegister>,
    pub stack_maps: Vec<StackMap>,
}

/// Writes functions and all the data that they need.
pub fn write(
    layout: &Layout<'_, '_>,
    isa: OwnedTargetIsa,
    functions: Vec<CompiledFunction>,
    image_end: ImageEnd,
) -> Result<Written> {
    let mut writer = Writer::new(layout, isa, image_end)?;
    writer.declare_functions(&functions)?;
    for function in &functions {
        writer.define_function(function)?;
    }
    // Every memory is set up at start, also one that only the host accesses.
    for memory in layout.program.memories.keys() {
        writer.place(Symbol::Memory(memory))?;
    }
    if layout.options.fuel.is_some() {
        writer.place(Symbol::Fuel)?;
    }
    if layout.threads.is_some() {
        writer.place(Symbol::ThreadState)?;
    }
    if layout.facts.uses_gc() {
        writer.place(Symbol::Allocation)?;
    }
    while let Some(symbol) = writer.pending.pop_first() {
        writer.define_data(symbol)?;
    }
    writer.finish(functions)
}

impl<'e, 'p, 'a> Writer<'e, 'p, 'a> {
    fn new(layout: &'e Layout<'p, 'a>, isa: OwnedTargetIsa, image_end: ImageEnd) -> Result<Self> {
        let builder = ObjectBuilder::new(isa, "wasm", cranelift_module::default_libcall_names())?;
        Ok(Writer {
            layout,
            module: ObjectModule::new(builder),
            places: BTreeMap::new(),
            pending: BTreeSet::new(),
            // The object holds no types: any will do.
            signature: Signature::new(CallConv::SystemV),
            image_end,
            short_chunk: image::short_chunk(layout, image_end),
            later: Vec::new(),
        })
    }

    fn program(&self) -> &'p Program<'a> {
        self.layout.program
    }

    fn declare_functions(&mut self, functions: &[CompiledFunction]) -> Result<()> {
        for function in functions {
            let id = self.module.declare_anonymous_function(&self.signature)?;
            self.places.insert(function.symbol, Place::Func(id));
        }
        Ok(())
    }

    /// The place of a symbol, declared if this is its first use.
    fn place(&mut self, symbol: Symbol) -> Result<Place> {
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
                // Only its reference is used, never its code.
                _ => self.place(Symbol::MismatchStub)?,
            },
            Symbol::Builtin(builtin) => Place::Func(self.module.declare_function(
                builtin.symbol(),
                Linkage::Import,
                &self.signature,
            )?),
            _ => {
                self.pending.insert(symbol);
                Place::Data(
                    self.module.declare_anonymous_data(data::is_writable(self.layout, symbol), false)?,
                )
            }
        };
        self.places.insert(symbol, place);
        Ok(place)
    }

    fn target(&mut self, symbol: Symbol) -> Result<ModuleRelocTarget> {
        Ok(match self.place(symbol)? {
            Place::Func(id) => ModuleRelocTarget::from(id),
            Place::Data(id) => ModuleRelocTarget::from(id),
        })
    }

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
        let alignment = u64::from(function.alignment);
        self.module.define_function_bytes(id, alignment, &function.code, &relocations)?;
        Ok(())
    }

    fn finish(self, compiled: Vec<CompiledFunction>) -> Result<Written> {
        let big_endian = self.big_endian();
        let triple = self.module.isa().triple();
        let is_coff = triple.binary_format == target_lexicon::BinaryFormat::Coff;
        let unwound = is_coff.then_some(triple.architecture);
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
        if let Some(architecture) = unwound {
            let functions = compiled.iter().map(|function| unwind::Function {
                symbol: symbol_of(&product, &function.symbol),
                bytes: function.code.len() as u32,
                prologue: &function.prologue,
                saved: &function.saved_registers,
            });
            let functions: Vec<_> = functions.collect();
            unwind::add(&mut product, architecture, &functions)?;
        }
        let mut main = None;
        let mut commands = Vec::new();
        let mut functions = Vec::with_capacity(compiled.len());
        for CompiledFunction { symbol, name, traps, call_sites, saved_registers, stack_maps, .. } in compiled
        {
            let id = symbol_of(&product, &symbol);
            match symbol {
                Symbol::Main => main = Some(id),
                Symbol::Command(_) => commands.push(id),
                _ => {}
            }
            let label = match symbol {
                Symbol::Func(_) => name.clone(),
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
                name,
                traps,
                call_sites,
                saved_registers,
                stack_maps,
            });
        }
        let memories = self
            .layout
            .program
            .memories
            .keys()
            .map(|memory| (memory, symbol_of(&product, &Symbol::Memory(memory))));
        let memories = memories.collect();
        let (program, facts) = (self.layout.program, self.layout.facts);
        let holds_exceptions = |global: GlobalId| {
            let ty = program.globals[global].ty.content_type;
            !facts.global(global).is_constant() && crate::program::is_exception_reference(ty)
        };
        let placed = |symbol: &Symbol| self.places.contains_key(symbol).then(|| symbol_of(&product, symbol));
        let exception_globals =
            program.globals.keys().any(holds_exceptions).then(|| placed(&Symbol::Globals)).flatten();
        let exception_globals =
            exception_globals.map(|globals| (globals, self.layout.globals_bytes() as u64 / 8));
        let exception_tables = program
            .tables
            .iter()
            .filter(|(_, plan)| crate::program::is_exception_reference(plan.ty.element_type.into()))
            .filter_map(|(table, _)| placed(&Symbol::Table(table)))
            .collect();
        let threads = self.layout.threads.map(|layout| WrittenThreads {
            layout,
            state: symbol_of(&product, &Symbol::ThreadState),
            main: symbol_of(&product, &Symbol::ThreadMain),
        });
        let heap = facts.uses_gc().then(|| heap(self.layout, &placed));
        Ok(Written {
            heap,
            threads,
            functions,
            memories,
            commands,
            main,
            fuel: placed(&Symbol::Fuel),
            exception_globals,
            exception_tables,
            big_endian,
            product,
        })
    }
}

/// A symbol for the start of a section.
pub fn section_symbol(object: &mut Object<'static>, section: SectionId) -> SymbolId {
    match object.format() {
        BinaryFormat::MachO => macho::section_symbol(object, section),
        _ => object.section_symbol(section),
    }
}

/// `placed`: the symbol of what is part of the object.
fn heap(layout: &Layout<'_, '_>, placed: &dyn Fn(&Symbol) -> Option<SymbolId>) -> WrittenHeap {
    let program = layout.program;
    let traced = |global: &GlobalId| {
        let ty = program.globals[*global].ty.content_type;
        !layout.facts.global(*global).is_constant() && layout.objects.is_traced(ty)
    };
    let globals = program.globals.keys().filter(traced);
    let offsets: Vec<u32> = globals.map(|global| layout.global_offset(global) as u32).collect();
    let tables =
        program.tables.iter().filter(|(_, plan)| layout.objects.is_traced(plan.ty.element_type.into()));
    let segments = program.instances.iter().flat_map(|(instance, plan)| {
        plan.init.iter().filter_map(move |step| match step {
            InitStep::Values(segment) => {
                let count = plan.module.elements[*segment].items.len() as u64;
                Some((Symbol::Elements(instance, *segment), count))
            }
            _ => None,
        })
    });
    WrittenHeap {
        allocation: placed(&Symbol::Allocation).expect("placed first of all"),
        globals: placed(&Symbol::Globals).map(|globals| (globals, offsets)),
        tables: tables.filter_map(|(table, _)| placed(&Symbol::Table(table))).collect(),
        segments: segments.filter_map(|(symbol, count)| Some((placed(&symbol)?, count))).collect(),
    }
}
