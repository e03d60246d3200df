//! Instantiates modules: allocates what they define, binds what they import, checks types
//! (specification, "External typing" and "Instantiation").

use std::collections::{HashMap, HashSet};

use cranelift_entity::{EntityRef, PrimaryMap, SecondaryMap};
use wasmparser::{FuncType, MemoryType, ValType};

use super::entity::{InstanceId, MemoryId, TableId};
use super::error::{LinkError, UnknownImport};
use super::forward::Ran;
use super::memory::MemoryPlan;
use super::model::{Entity, Func, FuncKind, GlobalPlan, InitStep, Instance, Main, Program};
use super::table::{FREE_ELEMENTS, MAX_ALL_ELEMENTS, MAX_TABLE_ELEMENTS, TablePlan};
use super::value::Value;
use super::{evaluate, host, initialise, threads, types};
use crate::escape::escape;
use crate::parse::{DefinedIndex, Import, Item, MemoryIndex, Module, SegmentKind, TableIndex};

/// The maximum number of functions of a program. A module has at most a million; a component can instantiate it often.
const MAX_FUNCTIONS: usize = 4_000_000;

/// The maximum number of bytes of the modules of all instances, if there are several: each has its own code and data.
const MAX_BYTES: usize = 1 << 30;

/// Builds a program instance by instance.
pub struct Builder<'a> {
    pub(super) program: Program<'a>,
    registered: HashMap<String, InstanceId>,
    /// The number of bytes of the modules of all instances.
    bytes: usize,
    /// Whether any code grows a memory, or a table. Then what a later instance imports may be larger than it is here; its
    /// size at that moment isn't known, so any size is accepted.
    memories_grow: bool,
    tables_grow: bool,
    /// What has run, in a program all of whose instances are those of a component.
    ran: Ran,
    trap_unknown_imports: bool,
    /// How the functions are called that whoever links the library provides, by module and name.
    embedder: Option<Box<dyn Fn(&Import<'_>) -> Option<String> + 'a>>,
    /// The maximum size of each memory in bytes.
    memory_limit: Option<u64>,
    /// The maximum number of elements of each table.
    table_limit: u64,
    /// The total number of initial elements of all tables.
    table_elements: u64,
    /// The number of elements that tables may have beyond those in use without being sparse.
    free_elements: u64,
}

impl<'a> Builder<'a> {
    pub fn new(trap_unknown_imports: bool) -> Builder<'a> {
        Builder {
            program: Program::default(),
            registered: HashMap::new(),
            bytes: 0,
            memories_grow: false,
            tables_grow: false,
            ran: Ran::default(),
            trap_unknown_imports,
            embedder: None,
            memory_limit: None,
            table_limit: MAX_TABLE_ELEMENTS,
            table_elements: 0,
            free_elements: FREE_ELEMENTS,
        }
    }

    /// Limits the size of each memory to this many bytes.
    pub fn limit_memories(&mut self, bytes: u64) {
        self.memory_limit = Some(bytes);
    }

    /// Limits each table to this many elements.
    pub fn limit_tables(&mut self, elements: u64) {
        self.table_limit = self.table_limit.min(elements);
    }

    /// Leaves imported functions to whoever links the library. `symbol` gives the name that one has in C, if it is left.
    pub fn leave_imports(&mut self, symbol: impl Fn(&Import<'_>) -> Option<String> + 'a) {
        self.embedder = Some(Box::new(symbol));
    }

    /// Announces modules that fill tables of each other.
    pub fn expect(&mut self, modules: impl Iterator<Item = &'a Module<'a>>) {
        let elements = modules.flat_map(|module| module.elements.values());
        let active = elements.filter(|elements| matches!(elements.kind, SegmentKind::Active { .. }));
        self.free_elements += active.map(|elements| elements.items.len() as u64).sum::<u64>();
    }

    pub fn memory_type(&self, memory: MemoryId) -> &MemoryType {
        &self.program.memories[memory].ty
    }

    /// Lets later modules import from an instance by this name.
    pub fn register(&mut self, name: &str, instance: InstanceId) {
        self.registered.insert(name.to_owned(), instance);
    }

    pub fn instance(&self, instance: InstanceId) -> &Instance<'a> {
        &self.program.instances[instance]
    }

    /// Completes the program.
    ///
    /// # Errors
    /// If it starts threads but has no function for them to run.
    pub fn finish(mut self, main: Main, host_memory: Option<MemoryId>) -> Result<Program<'a>, LinkError> {
        if let Main::Command(instances, _) = &main
            && let [instance] = **instances
        {
            self.program.thread_start = threads::start_function(&self.program, instance)?;
        }
        self.program.main = main;
        self.program.host_memory = host_memory;
        self.program.types.complete();
        Ok(self.program)
    }

    /// Adds an instance of `module`, whose imports are bound to registered instances and to the host.
    ///
    /// # Errors
    /// Lists the imports that nothing provides, or names the one whose type doesn't match.
    pub fn instantiate(&mut self, module: &'a Module<'a>) -> Result<InstanceId, LinkError> {
        let mut instance = self.new_instance(module);
        self.bind_imports(&mut instance)?;
        self.define(&mut instance)?;
        initialise::initialise(&mut self.program, &mut instance, None);
        Ok(self.program.instances.push(instance))
    }

    /// Adds an instance of `module` whose imports are these entities, in order: instances that are made in this way
    /// are instantiated one after the other, before anything else runs.
    ///
    /// # Errors
    /// Names the import whose type doesn't match.
    pub fn instantiate_with(
        &mut self,
        module: &'a Module<'a>,
        imports: &[Entity],
    ) -> Result<InstanceId, LinkError> {
        let mut instance = self.new_instance(module);
        for (import, entity) in module.imports.iter().zip(imports) {
            let incompatible = |reason: String| LinkError::Incompatible {
                module: import.module_name().into_owned(),
                name: import.name.to_owned(),
                reason,
            };
            self.check(&instance, import.item, *entity).map_err(incompatible)?;
            instance.bind(*entity);
        }
        self.define(&mut instance)?;
        initialise::initialise(&mut self.program, &mut instance, Some(&self.ran));
        self.ran.note(&instance);
        Ok(self.program.instances.push(instance))
    }

    /// Replaces functions that only call an element of a table, where that is known, by what they call.
    pub fn resolve_forwarders(&mut self) {
        let written: HashSet<TableId> = self
            .program
            .instances
            .values()
            .flat_map(|instance| {
                let bodies = instance.module.defined.values();
                let written = bodies.flat_map(|defined| &defined.summary.tables_written);
                let steps = instance.init.iter().filter_map(|step| match *step {
                    InitStep::Elements { table, .. } => Some(table),
                    InitStep::Table(index) => Some(instance.tables[index]),
                    _ => None,
                });
                written.map(|index| instance.tables[*index]).chain(steps)
            })
            .collect();
        let sparse = |table: TableId, program: &Program<'_>| program.tables[table].sparse().is_some();
        let sparse: HashSet<TableId> =
            self.program.tables.keys().filter(|table| sparse(*table, &self.program)).collect();
        self.program.resolve_forwarders(|table| !written.contains(&table) && !sparse.contains(&table));
    }

    fn new_instance(&mut self, module: &'a Module<'a>) -> Instance<'a> {
        let types = self.program.types.intern_module(&module.types, &module.type_groups);
        Instance {
            module,
            types,
            funcs: PrimaryMap::new(),
            tables: PrimaryMap::new(),
            memories: PrimaryMap::new(),
            globals: PrimaryMap::new(),
            tags: PrimaryMap::new(),
            init: Vec::new(),
        }
    }

    fn bind_imports(&mut self, instance: &mut Instance<'a>) -> Result<(), LinkError> {
        let module = instance.module;
        let mut unknown = Vec::new();
        for import in &module.imports {
            match self.resolve(instance, import)? {
                Some(entity) => instance.bind(entity),
                None => unknown.push(UnknownImport {
                    module: import.module_name().into_owned(),
                    name: import.name.to_owned(),
                    kind: match import.item {
                        Item::Func(_) => "function",
                        Item::Table(_) => "table",
                        Item::Memory(_) => "memory",
                        Item::Global(_) => "global",
                        Item::Tag(_) => "tag",
                    },
                }),
            }
        }
        if unknown.is_empty() { Ok(()) } else { Err(LinkError::Unknown(unknown)) }
    }

    fn resolve(&mut self, instance: &Instance<'a>, import: &Import<'a>) -> Result<Option<Entity>, LinkError> {
        let incompatible = |reason: String| LinkError::Incompatible {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            reason,
        };
        let registered = self.registered.get(import.module);
        if let Some(entity) = registered.and_then(|id| self.program.instances[*id].export(import.name)) {
            self.check(instance, import.item, entity).map_err(incompatible)?;
            return Ok(Some(entity));
        }
        let index = match import.item {
            Item::Func(index) => index,
            // Imports from a registered instance are never looked up in the host.
            Item::Memory(index)
                if registered.is_none()
                    && (self.embedder.is_some() || threads::provides_memory(instance.module, index)) =>
            {
                if let Some(memory) = earlier_import(instance, import, index) {
                    self.check(instance, import.item, Entity::Memory(memory)).map_err(incompatible)?;
                    return Ok(Some(Entity::Memory(memory)));
                }
                return Ok(Some(Entity::Memory(self.allocate_memory(instance.module.memories[index])?)));
            }
            _ => return Ok(None),
        };
        let signature = instance.types[instance.module.functions[index]];
        let name = format!("{}.{}", escape(&import.module_name()), escape(import.name));
        if let Some(symbol) = self.embedder.as_ref().and_then(|symbol| symbol(import)) {
            let kind = FuncKind::Embedder(self.program.embedder.push(symbol));
            return Ok(Some(Entity::Func(self.program.funcs.push(Func { kind, signature, name }))));
        }
        let kind = match host::find(import.module, import.name) {
            Some(host) if host::has_type(host, self.program.signature(signature)) => FuncKind::Host(host),
            _ if self.trap_unknown_imports => FuncKind::Unknown,
            Some(host) => {
                let (found, wanted) = (host::describe(host), describe(self.program.signature(signature)));
                return Err(incompatible(format!(
                    "the host's function is {found}, not {wanted}\n\
                     it can be made to trap when called: --trap-unknown-imports"
                )));
            }
            None => return Ok(None),
        };
        Ok(Some(Entity::Func(self.program.funcs.push(Func { kind, signature, name }))))
    }

    /// Whether `entity` matches the type of the import; if not, the reason.
    fn check(&self, instance: &Instance<'a>, item: Item, entity: Entity) -> Result<(), String> {
        let (program, module) = (&self.program, instance.module);
        match (item, entity) {
            (Item::Func(index), Entity::Func(id)) => {
                let wanted = instance.types[module.functions[index]];
                let found = program.funcs[id].signature;
                if !program.types.is_subtype(found, wanted) {
                    let (wanted, found) = (program.signature(wanted), program.signature(found));
                    return Err(format!("it is {}, not {}", describe(found), describe(wanted)));
                }
            }
            (Item::Table(index), Entity::Table(id)) => {
                let (wanted, found) = (&module.tables[index].ty, &program.tables[id].ty);
                if types::canonical_ref(wanted.element_type, &instance.types) != found.element_type {
                    return Err("another element type".to_owned());
                }
                if wanted.table64 != found.table64 {
                    return Err(format!("its indices are {}", found.index_type()));
                }
                let minimum = if self.tables_grow { u64::MAX } else { found.initial };
                check_limits(wanted.initial, wanted.maximum, minimum, found.maximum)?;
            }
            (Item::Memory(index), Entity::Memory(id)) => {
                let (wanted, found) = (&module.memories[index], &program.memories[id].ty);
                check_memory_kind(wanted, found)?;
                let minimum = if self.memories_grow { u64::MAX } else { found.initial };
                check_limits(wanted.initial, wanted.maximum, minimum, found.maximum)?;
            }
            (Item::Global(index), Entity::Global(id)) => {
                let (wanted, found) = (&module.globals[index].ty, &program.globals[id].ty);
                let content = types::canonical(wanted.content_type, &instance.types);
                // An immutable global can have a more specific type.
                let fits = match wanted.mutable {
                    true => content == found.content_type,
                    false => program.types.matches(found.content_type, content),
                };
                if wanted.mutable != found.mutable || wanted.shared != found.shared || !fits {
                    return Err("another type or mutability".to_owned());
                }
            }
            (Item::Tag(index), Entity::Tag(id)) => {
                if instance.types[module.tags[index]] != program.tags[id] {
                    return Err("another type".to_owned());
                }
            }
            _ => return Err("another kind of item".to_owned()),
        }
        Ok(())
    }

    /// Allocates what the module defines.
    fn define(&mut self, instance: &mut Instance<'a>) -> Result<(), LinkError> {
        let module = instance.module;
        if self.program.funcs.len() + module.functions.len() > MAX_FUNCTIONS {
            return Err(LinkError::TooLarge(format!(
                "the instances have more than {MAX_FUNCTIONS} functions together"
            )));
        }
        let is_first = self.bytes == 0;
        self.bytes += module.bytes.len();
        if self.bytes > MAX_BYTES && !is_first {
            let mebibytes = MAX_BYTES >> 20;
            return Err(LinkError::TooLarge(format!(
                "the modules of all instances have more than {mebibytes} MiB together"
            )));
        }
        let mut summaries = module.defined.values().map(|defined| &defined.summary);
        self.memories_grow |= summaries.clone().any(|summary| !summary.memories_grown.is_empty());
        self.tables_grow |= summaries.any(|summary| !summary.tables_written.is_empty());
        let id = self.program.instances.next_key();
        for (index, ty) in module.functions.iter().skip(module.imported_functions) {
            let defined = DefinedIndex::new(index.index() - module.imported_functions);
            let func = Func {
                kind: FuncKind::Wasm(id, defined),
                signature: instance.types[*ty],
                name: module.function_name(index),
            };
            instance.funcs.push(self.program.funcs.push(func));
        }
        for global in module.globals.values().skip(instance.globals.len()) {
            let init = global.init.as_ref().expect("defined globals have an initialiser");
            let init = evaluate::evaluate(init, &self.program.globals, &instance.globals, &instance.funcs);
            let mut ty = global.ty;
            ty.content_type = types::canonical(ty.content_type, &instance.types);
            let plan = GlobalPlan { ty, init };
            instance.globals.push(self.program.globals.push(plan));
        }
        self.define_tables(instance)?;
        for ty in module.tags.values().skip(instance.tags.len()) {
            instance.tags.push(self.program.tags.push(instance.types[*ty]));
        }
        for ty in module.memories.values().skip(instance.memories.len()) {
            instance.memories.push(self.allocate_memory(*ty)?);
        }
        Ok(())
    }

    fn define_tables(&mut self, instance: &mut Instance<'a>) -> Result<(), LinkError> {
        let module = instance.module;
        let mut used = SecondaryMap::<TableIndex, u64>::new();
        for elements in module.elements.values() {
            if let SegmentKind::Active { target, .. } = elements.kind {
                used[target] += elements.items.len() as u64;
            }
        }
        for (index, table) in module.tables.iter().skip(instance.tables.len()) {
            if table.ty.initial > self.table_limit {
                return Err(LinkError::TooLarge(format!(
                    "a table of {} elements is too large: the limit is {}",
                    table.ty.initial, self.table_limit
                )));
            }
            self.table_elements += table.ty.initial;
            if self.table_elements > MAX_ALL_ELEMENTS {
                return Err(LinkError::TooLarge(format!(
                    "the tables up to number {} have {} elements together, which is too many: the limit is \
                     {MAX_ALL_ELEMENTS}",
                    index.as_u32(),
                    self.table_elements
                )));
            }
            let fill = table.init.as_ref().map_or(Value::Null, |init| {
                evaluate::evaluate(init, &self.program.globals, &instance.globals, &instance.funcs)
            });
            let mut ty = table.ty;
            ty.element_type = types::canonical_ref(ty.element_type, &instance.types);
            let plan = TablePlan::new(ty, fill, self.table_limit, used[index], &mut self.free_elements);
            instance.tables.push(self.program.tables.push(plan));
        }
        Ok(())
    }

    fn allocate_memory(&mut self, ty: MemoryType) -> Result<MemoryId, LinkError> {
        let plan = MemoryPlan::new(ty, self.memory_limit);
        if let Some(limit) = self.memory_limit.filter(|limit| plan.initial_bytes() > *limit) {
            return Err(LinkError::TooLarge(format!(
                "a memory of {} bytes is too large: the limit is {limit}",
                plan.initial_bytes()
            )));
        }
        Ok(self.program.memories.push(plan))
    }
}

/// The memory that an earlier import of the same name was bound to.
fn earlier_import(instance: &Instance<'_>, import: &Import<'_>, index: MemoryIndex) -> Option<MemoryId> {
    let earlier = instance.module.imports.iter().find_map(|other| match other.item {
        Item::Memory(earlier) if earlier < index => {
            ((other.module, other.name) == (import.module, import.name)).then_some(earlier)
        }
        _ => None,
    })?;
    instance.memories.get(earlier).copied()
}

/// Import matching of memories, except for their limits.
fn check_memory_kind(wanted: &MemoryType, found: &MemoryType) -> Result<(), String> {
    let page_size = |ty: &MemoryType| 1_u64 << ty.page_size_log2.unwrap_or(16);
    if wanted.memory64 != found.memory64 {
        return Err(format!("its indices are {}", found.index_type()));
    }
    if wanted.shared != found.shared {
        return Err(if found.shared { "it is shared" } else { "it is not shared" }.to_owned());
    }
    if page_size(wanted) != page_size(found) {
        return Err(format!("its pages have {} bytes", page_size(found)));
    }
    Ok(())
}

/// Import matching of limits: at least as large, and bounded at least as tightly.
fn check_limits(
    minimum: u64,
    maximum: Option<u64>,
    found_minimum: u64,
    found_maximum: Option<u64>,
) -> Result<(), String> {
    if found_minimum < minimum {
        return Err(format!("its size is {found_minimum}, but at least {minimum} is required"));
    }
    match (maximum, found_maximum) {
        (Some(wanted), Some(found)) if found <= wanted => Ok(()),
        (None, _) => Ok(()),
        (Some(wanted), _) => Err(format!("its maximum must be at most {wanted}")),
    }
}

/// A function type for diagnostics: `(i32, i64) -> (i32)`.
pub fn describe(ty: &FuncType) -> String {
    format!("({}) -> ({})", describe_list(ty.params()), describe_list(ty.results()))
}

/// Types for diagnostics. A module can refer to a list of a thousand types in two bytes, so only the first ones are
/// shown.
pub fn describe_list(types: &[ValType]) -> String {
    const SHOWN: usize = 20;
    let mut words: Vec<String> = types.iter().take(SHOWN).map(ToString::to_string).collect();
    if let Some(more) = types.len().checked_sub(SHOWN).filter(|more| *more != 0) {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}
