//! The parts of a program. Built by `instantiate`, never changed afterwards, but by `preinit`, before anything looks at it.

use cranelift_entity::{EntitySet, PrimaryMap};
use wasm_aot_abi::trap::Trap;
use wasmparser::{FuncType, GlobalType, ValType};

use super::canonical::{BoundFunc, CanonicalParts};
use super::entity::{BoundId, EmbedderId, FuncId, GlobalId, InstanceId, MemoryId, TableId, TagId, TypeId};
use super::host::HostFunction;
use super::invocation::{Invocation, PostReturn};
use super::library::{Embedder, Library};
use super::memory::MemoryPlan;
use super::table::TablePlan;
use super::types::{ModuleTypes, Types};
use super::value::Value;
use crate::parse::{
    DataIndex, DefinedIndex, ElementIndex, FuncIndex, GlobalIndex, Item, MemoryIndex, Module, Summary,
    TableIndex, TagIndex,
};

/// The whole program.
#[derive(Default)]
pub struct Program<'a> {
    pub instances: PrimaryMap<InstanceId, Instance<'a>>,
    pub types: Types,
    pub funcs: PrimaryMap<FuncId, Func>,
    pub tables: PrimaryMap<TableId, TablePlan>,
    pub memories: PrimaryMap<MemoryId, MemoryPlan<'a>>,
    pub globals: PrimaryMap<GlobalId, GlobalPlan>,
    /// The tags, each with the signature whose parameters its exceptions carry.
    pub tags: PrimaryMap<TagId, TypeId>,
    /// What the program runs, in order.
    pub main: Main,
    /// The instance and the function that a further thread runs, in a program that can start threads.
    pub thread_start: Option<(InstanceId, FuncId)>,
    /// What was a component's.
    pub canonical: CanonicalParts,
    /// What the program calls after that, if it is an export of a component.
    pub invocation: Option<Invocation>,
    /// The memory that host functions of modules read and write; in what was a component, the memory whose strings tracing
    /// shows.
    pub host_memory: Option<MemoryId>,
    /// The functions that whoever links the library defines.
    pub embedder: Embedder,
    /// Whether host functions use the memory of the instance that calls them instead, as the instances have different
    /// ones.
    pub has_callers_memory: bool,
}

/// What an executable does after start-up, or what a library is.
#[derive(Default)]
pub enum Main {
    #[default]
    None,
    /// Instantiates the instances, in order, then makes these calls.
    Command(Vec<InstanceId>, Vec<Call>),
    /// Runs these commands, and prints the result of each.
    Script(Vec<Command>),
    /// Does what it is asked for, by functions of C.
    Library(Library),
}

/// A call of a function that the program makes.
pub struct Call {
    pub func: FuncId,
    pub arguments: Vec<Value>,
    pub results: Results,
    pub post_return: Option<PostReturn>,
}

/// What is done with the results of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    Dropped,
    Printed,
    /// The only result is a `result`: the program ends with exit code 1 if it is an error.
    Checked,
    /// What a function with a callback returns: this function of the runtime takes it, and gives the result, which is
    /// checked.
    Awaited(FuncId),
}

/// A step of a script.
pub enum Command {
    Instantiate(InstanceId),
    Call(FuncId, Vec<Value>),
    GetGlobal(GlobalId),
}

/// An instance: each index space mapped to the program's entities.
pub struct Instance<'a> {
    pub module: &'a Module<'a>,
    pub types: ModuleTypes,
    pub funcs: PrimaryMap<FuncIndex, FuncId>,
    pub tables: PrimaryMap<TableIndex, TableId>,
    pub memories: PrimaryMap<MemoryIndex, MemoryId>,
    pub globals: PrimaryMap<GlobalIndex, GlobalId>,
    pub tags: PrimaryMap<TagIndex, TagId>,
    /// What remains to be done when the instance is instantiated, in order.
    pub init: Vec<InitStep>,
    /// The passive segments that have been dropped, in a program with the state of another one.
    pub dropped_data: EntitySet<DataIndex>,
    pub dropped_elements: EntitySet<ElementIndex>,
}

/// A step of instantiation at run time.
#[derive(Clone, Copy, Debug)]
pub enum InitStep {
    /// Evaluates the initial value of a global.
    Global(GlobalIndex),
    /// Evaluates the initial value of the elements of a table.
    Table(TableIndex),
    /// Puts the initial elements into a sparse table.
    SparseTable(TableId),
    /// Evaluates the values of an element segment.
    Values(ElementIndex),
    /// Copies a whole element segment into a table; traps if it doesn't fit.
    Elements { segment: ElementIndex, table: TableId, offset: u64 },
    /// Copies a whole data segment into a memory; traps if it doesn't fit.
    Data { segment: DataIndex, memory: MemoryId, offset: u64 },
    /// Calls the start function, or `_initialize` of a linked module.
    Start(FuncId),
}

impl<'a> Instance<'a> {
    /// An instance that has nothing yet.
    pub(super) fn new(module: &'a Module<'a>) -> Instance<'a> {
        Instance {
            module,
            types: PrimaryMap::new(),
            funcs: PrimaryMap::new(),
            tables: PrimaryMap::new(),
            memories: PrimaryMap::new(),
            globals: PrimaryMap::new(),
            tags: PrimaryMap::new(),
            init: Vec::new(),
            dropped_data: EntitySet::new(),
            dropped_elements: EntitySet::new(),
        }
    }

    /// The memory that host functions use if this instance calls them: the one that it exports as `memory`, else its first
    /// one.
    pub fn host_memory(&self) -> Option<MemoryId> {
        match self.export("memory") {
            Some(Entity::Memory(memory)) => Some(memory),
            _ => self.memories.values().next().copied(),
        }
    }

    /// The program's entity behind an export.
    pub fn export(&self, name: &str) -> Option<Entity> {
        Some(self.entity(self.module.export(name)?))
    }

    /// Adds an import to its index space.
    pub(super) fn bind(&mut self, entity: Entity) {
        match entity {
            Entity::Func(id) => _ = self.funcs.push(id),
            Entity::Table(id) => _ = self.tables.push(id),
            Entity::Memory(id) => _ = self.memories.push(id),
            Entity::Global(id) => _ = self.globals.push(id),
            Entity::Tag(id) => _ = self.tags.push(id),
        }
    }

    pub fn entity(&self, item: Item) -> Entity {
        match item {
            Item::Func(index) => Entity::Func(self.funcs[index]),
            Item::Table(index) => Entity::Table(self.tables[index]),
            Item::Memory(index) => Entity::Memory(self.memories[index]),
            Item::Global(index) => Entity::Global(self.globals[index]),
            Item::Tag(index) => Entity::Tag(self.tags[index]),
        }
    }
}

/// Anything that can be imported or exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Func(FuncId),
    Table(TableId),
    Memory(MemoryId),
    Global(GlobalId),
    Tag(TagId),
}

pub struct Func {
    pub kind: FuncKind,
    pub signature: TypeId,
    /// For diagnostics: backtraces, messages, symbols.
    pub name: String,
}

#[derive(Clone, Copy, Debug)]
pub enum FuncKind {
    Wasm(InstanceId, DefinedIndex),
    Host(&'static HostFunction),
    /// A function of the runtime that the canonical ABI binds to constants.
    Bound(BoundId),
    /// An import that whoever links the library provides: a function of C.
    Embedder(EmbedderId),
    /// An import that nothing provides: traps when it is called.
    Unknown,
    /// An import that isn't supported yet: traps when it is called.
    Unsupported,
    /// What adapters between components call to trap, with a number for which the function has the trap.
    AdapterTrap(fn(u8) -> Trap),
}

pub struct GlobalPlan {
    pub ty: GlobalType,
    /// The value at instantiation.
    pub init: Value,
}

impl GlobalPlan {
    /// Its size in the program's data, in bytes.
    pub fn bytes(&self) -> i32 {
        if self.ty.content_type == ValType::V128 { 16 } else { 8 }
    }
}

impl<'a> Program<'a> {
    /// Whether it was a component.
    pub fn is_component(&self) -> bool {
        !self.canonical.components.is_empty()
    }

    /// A type of functions.
    pub fn signature(&self, id: TypeId) -> &FuncType {
        self.types.signature(id)
    }

    /// Whether the function has this type, or a subtype of it.
    pub fn has_type(&self, func: FuncId, ty: TypeId) -> bool {
        self.types.is_subtype(self.funcs[func].signature, ty)
    }

    /// Whether it answers requests of HTTP.
    pub fn is_server(&self) -> bool {
        self.invocation.as_ref().is_some_and(|invocation| invocation.values.is_none())
    }

    /// The library that the program is.
    pub fn library(&self) -> Option<&Library> {
        match &self.main {
            Main::Library(library) => Some(library),
            _ => None,
        }
    }

    /// The module and the index of a Wasm function.
    pub fn wasm(&self, func: FuncId) -> Option<(&Instance<'a>, DefinedIndex)> {
        match self.funcs[func].kind {
            FuncKind::Wasm(instance, index) => Some((&self.instances[instance], index)),
            _ => None,
        }
    }

    /// The function of the runtime that this function is, if it is bound to constants.
    pub fn bound(&self, func: FuncId) -> Option<&BoundFunc> {
        match self.funcs[func].kind {
            FuncKind::Bound(bound) => Some(&self.canonical.bound[bound]),
            _ => None,
        }
    }

    /// Whether the function is in the program's code, and not the runtime's.
    pub fn is_compiled(&self, func: FuncId) -> bool {
        matches!(self.funcs[func].kind, FuncKind::Wasm(..) | FuncKind::Unknown | FuncKind::Unsupported)
    }

    /// What the body of a Wasm function does to the world outside it.
    pub fn summary(&self, func: FuncId) -> Option<&'a Summary> {
        let (instance, index) = self.wasm(func)?;
        Some(&instance.module.defined[index].summary)
    }
}
