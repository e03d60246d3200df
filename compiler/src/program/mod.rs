//! Modules to a closed-world [`Program`]: which instances there are, what every import is bound
//! to, what can be reached, what is never written. Built once, then borrowed read-only by all
//! later stages.

mod analyse;
mod evaluate;
mod host;
mod initialise;
mod instantiate;
mod memory;
mod objects;
mod table;
mod threads;
mod types;

use cranelift_entity::{EntitySet, PrimaryMap, entity_impl};
use wasmparser::{FuncType, GlobalType, ValType, WasmFeatures};

use crate::parse::{DefinedIndex, ElementIndex, FuncIndex, GlobalIndex, MemoryIndex};
use crate::parse::{Item, Module, TableIndex, TagIndex};

pub use evaluate::Value;
pub use host::HostFunction;
pub use initialise::{InitStep, element_values};
pub use instantiate::{Builder, LinkError, UnknownImport, describe, describe_list};
pub use memory::{Bounds, ImageChunk, MemoryBase, MemoryOptions, MemoryPlan};
pub use objects::{Layout, Storage};
pub use table::{TableLayout, TablePlan};
use types::ModuleTypes;
pub use types::{
    Hierarchy, Types, canonical, canonical_heap, canonical_ref, is_exception_reference, named_type,
};

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);
        entity_impl!($name, $prefix);
    };
}

entity!(/// An instance of a module.
    InstanceId, "instance");
entity!(/// A function of the program: of an instance, of the host or a stand-in for an unknown import.
    FuncId, "fn");
entity!(/// A table of the program.
    TableId, "tab");
entity!(/// A linear memory of the program.
    MemoryId, "mem");
entity!(/// A global of the program.
    GlobalId, "glob");
entity!(/// A tag of exceptions of the program.
    TagId, "tag");
entity!(/// A type of functions or objects, canonical in the whole program.
    TypeId, "type");

/// The whole program.
#[derive(Default)]
pub struct Program<'a> {
    pub instances: PrimaryMap<InstanceId, Instance<'a>>,
    pub types: Types,
    pub funcs: PrimaryMap<FuncId, Func>,
    pub tables: PrimaryMap<TableId, TablePlan>,
    pub memories: PrimaryMap<MemoryId, MemoryPlan>,
    pub globals: PrimaryMap<GlobalId, GlobalPlan>,
    /// The tags, each with the signature whose parameters its exceptions carry.
    pub tags: PrimaryMap<TagId, TypeId>,
    /// What the program runs, in order.
    pub entry: Entry,
    /// The instance and the function that a further thread runs, in a program that can start threads.
    pub thread_start: Option<(InstanceId, FuncId)>,
    /// It has objects: a heap with a collector, and exceptions are in it.
    pub collects: bool,
    /// Memory that host functions read and write.
    pub host_memory: Option<MemoryId>,
    /// Functions whose references can be seen: they need a `FuncRef`.
    pub referenced: EntitySet<FuncId>,
    /// Functions that can be called.
    pub reachable: EntitySet<FuncId>,
    /// Functions that have the calling convention of tail calls.
    pub tail: EntitySet<FuncId>,
    /// Roots (`Types::root`) of signatures whose functions have it when they are called through a table or a reference.
    pub tail_signatures: EntitySet<TypeId>,
}

/// What an executable does after start-up.
#[derive(Default)]
pub enum Entry {
    #[default]
    None,
    /// Instantiates the instance, then makes these calls.
    Command(InstanceId, Vec<Call>),
    /// Runs these commands, printing what comes of each.
    Script(Vec<Command>),
}

/// A call of a function that the program makes.
pub struct Call {
    pub func: FuncId,
    pub arguments: Vec<Value>,
    /// Whether the results are printed; else they are dropped.
    pub prints: bool,
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
}

impl Instance<'_> {
    /// The program's entity behind an export.
    pub fn export(&self, name: &str) -> Option<Entity> {
        Some(self.entity(self.module.export(name)?))
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
    /// For people: backtraces, messages, symbols.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuncKind {
    Wasm(InstanceId, DefinedIndex),
    Host(&'static HostFunction),
    /// An import that nothing provides: traps when it is called.
    Unknown,
}

pub struct GlobalPlan {
    pub ty: GlobalType,
    /// Value at instantiation.
    pub init: Value,
    /// Some reachable function changes it, or its value isn't known before. Otherwise it is a constant.
    pub written: bool,
}

impl GlobalPlan {
    /// Bytes of its place in the program's data.
    pub fn bytes(&self) -> i32 {
        if self.ty.content_type == ValType::V128 { 16 } else { 8 }
    }
}

impl<'a> Program<'a> {
    /// A type of functions.
    pub fn signature(&self, id: TypeId) -> &FuncType {
        self.types.signature(id)
    }

    /// Has the function this type, or a subtype of it?
    pub fn has_type(&self, func: FuncId, ty: TypeId) -> bool {
        self.types.is_subtype(self.funcs[func].signature, ty)
    }

    /// Module and index of a Wasm function.
    pub fn wasm(&self, func: FuncId) -> Option<(&Instance<'a>, DefinedIndex)> {
        match self.funcs[func].kind {
            FuncKind::Wasm(instance, index) => Some((&self.instances[instance], index)),
            _ => None,
        }
    }

    /// Does a function that can be called take, compute or keep vectors?
    pub fn has_vectors(&self) -> bool {
        let operators = WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD);
        self.compiled_functions().into_iter().any(|func| {
            let ty = self.signature(self.funcs[func].signature);
            ty.params().iter().chain(ty.results()).any(|ty| *ty == ValType::V128)
                || self.wasm(func).is_some_and(|(instance, index)| {
                    instance.module.defined[index].summary.features.intersects(operators)
                })
        })
    }

    /// Does the program do anything with directories? If not, it can't tell whether it has any.
    pub fn uses_directories(&self) -> bool {
        let prefixes = ["path_", "fd_prestat", "fd_readdir"];
        let uses = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        self.reachable.iter().any(|func| match self.funcs[func].kind {
            FuncKind::Host(host) => uses(host.name),
            _ => false,
        })
    }

    /// The Wasm functions that can be called, in the order of their code.
    pub fn compiled_functions(&self) -> Vec<FuncId> {
        let wanted = |func: &FuncId| {
            self.reachable.contains(*func) && !matches!(self.funcs[*func].kind, FuncKind::Host(_))
        };
        self.funcs.keys().filter(wanted).collect()
    }
}
