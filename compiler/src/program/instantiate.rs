//! Instantiates modules: allocates what they define, binds what they import, checks types
//! (specification, "External typing" and "Instantiation").

use std::collections::{HashMap, HashSet};

use cranelift_entity::{EntityRef, SecondaryMap};
use wasmparser::{GlobalType, MemoryType, TableType};

use super::declared::Declared;
use super::describe::{
    describe, describe_global, describe_item, describe_list, describe_memory, describe_table,
};
use super::entity::{FuncId, GlobalId, InstanceId, MemoryId, TableId, TypeId};
use super::error::{LinkError, UnknownImport};
use super::forward::Ran;
use super::memory::MemoryPlan;
use super::model::{Entity, Func, FuncKind, GlobalPlan, InitStep, Instance, Main, Program};
use super::table::{FREE_ELEMENTS, MAX_ALL_ELEMENTS, MAX_TABLE_ELEMENTS, TablePlan};
use super::value::Value;
use super::{evaluate, host, initialise, threads, types};
use crate::escape::escape;
use crate::parse::{
    DefinedIndex, FuncIndex, Global, Import, Item, MemoryIndex, Module, SegmentKind, TableIndex,
};

/// The maximum number of functions of a program. A module has at most a million; a component can instantiate it often.
const MAX_FUNCTIONS: usize = 4_000_000;

/// The maximum number of bytes of the modules of all instances, if there are several: each has its own code and data.
const MAX_BYTES: usize = 1 << 30;

/// The name in C of an imported function, if whoever links the library defines it.
type SymbolOf<'a> = dyn Fn(&Import<'_>) -> Option<String> + 'a;

/// Builds a program instance by instance.
pub struct Builder<'a> {
    pub(super) program: Program<'a>,
    registered: HashMap<String, InstanceId>,
    /// What instances define whose imports aren't bound yet.
    pub(super) declared: HashMap<InstanceId, Declared>,
    /// The number of bytes of the modules of all instances.
    bytes: usize,
    /// Whether any code grows a memory, or a table. Then what a later instance imports may be larger than it is here; its
    /// size at that moment isn't known, so any size is accepted.
    memories_grow: bool,
    tables_grow: bool,
    /// What has run, in a program whose instances are instantiated one after the other, before anything else runs.
    pub(super) ran: Ran,
    trap_unknown_imports: bool,
    /// How the functions are called that whoever links the library provides.
    embedder: Option<Box<SymbolOf<'a>>>,
    /// The maximum size of each memory in bytes.
    memory_limit: Option<u64>,
    /// The maximum number of elements of each table.
    pub(super) table_limit: u64,
    /// The total number of initial elements of all tables.
    pub(super) table_elements: u64,
    /// The number of elements that tables may have beyond those in use without being sparse.
    free_elements: u64,
}

impl<'a> Builder<'a> {
    pub fn new(trap_unknown_imports: bool) -> Builder<'a> {
        Builder {
            program: Program::default(),
            registered: HashMap::new(),
            declared: HashMap::new(),
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
            self.check_import(&instance, import, *entity)?;
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

    pub(super) fn new_instance(&mut self, module: &'a Module<'a>) -> Instance<'a> {
        let types = self.program.types.intern_module(&module.types, &module.type_groups);
        Instance { types, ..Instance::new(module) }
    }

    fn bind_imports(&mut self, instance: &mut Instance<'a>) -> Result<(), LinkError> {
        let module = instance.module;
        let mut unknown = Vec::new();
        for import in &module.imports {
            match self.resolve(instance, import)? {
                Some(entity) => instance.bind(entity),
                None => unknown.push(UnknownImport::new(import)),
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
        self.host_function(import, instance.types[instance.module.functions[index]])
    }

    /// The host's function for an import of this type, or a stand-in that traps, if that is wanted.
    pub(super) fn host_function(
        &mut self,
        import: &Import<'_>,
        signature: TypeId,
    ) -> Result<Option<Entity>, LinkError> {
        let incompatible = |reason: String| LinkError::Incompatible {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            reason,
        };
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

    /// Checks that `entity` matches the type of an import.
    pub(super) fn check_import(
        &self,
        instance: &Instance<'a>,
        import: &Import<'_>,
        entity: Entity,
    ) -> Result<(), LinkError> {
        let incompatible = |reason: String| LinkError::Incompatible {
            module: import.module_name().into_owned(),
            name: import.name.to_owned(),
            reason,
        };
        self.check(instance, import.item, entity).map_err(incompatible)
    }

    /// What an entity is, as [`describe_item`] shows what is wanted of an import.
    fn describe_entity(&self, entity: Entity) -> String {
        let program = &self.program;
        match entity {
            Entity::Func(id) => {
                format!("function {}", describe(program.signature(program.funcs[id].signature)))
            }
            Entity::Table(id) => describe_table(&program.tables[id].ty),
            Entity::Memory(id) => describe_memory(&program.memories[id].ty),
            Entity::Global(id) => describe_global(&program.globals[id].ty),
            Entity::Tag(id) => {
                format!("tag of ({})", describe_list(program.signature(program.tags[id]).params()))
            }
        }
    }

    /// Whether `entity` matches the type of the import; if not, the reason, with both types.
    fn check(&self, instance: &Instance<'a>, item: Item, entity: Entity) -> Result<(), String> {
        self.matches(instance, item, entity).map_err(|reason| match (item, entity) {
            // The reason is the types.
            (Item::Func(_), Entity::Func(_)) => reason,
            _ => {
                let (found, wanted) = (self.describe_entity(entity), describe_item(instance.module, item));
                format!("{reason} (it is a {found}, wanted is a {wanted})")
            }
        })
    }

    /// Whether `entity` matches the type of the import; if not, the reason.
    fn matches(&self, instance: &Instance<'a>, item: Item, entity: Entity) -> Result<(), String> {
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
        self.account_for(module)?;
        let id = self.program.instances.next_key();
        for (index, ty) in module.functions.iter().skip(module.imported_functions) {
            let func = self.define_function(id, module, index, instance.types[*ty]);
            instance.funcs.push(func);
        }
        for global in module.globals.values().skip(instance.globals.len()) {
            let global = self.define_global(instance, global);
            instance.globals.push(global);
        }
        let tables = self.define_tables(instance, instance.tables.len())?;
        instance.tables.extend(tables);
        for ty in module.tags.values().skip(instance.tags.len()) {
            instance.tags.push(self.program.tags.push(instance.types[*ty]));
        }
        for ty in module.memories.values().skip(instance.memories.len()) {
            instance.memories.push(self.allocate_memory(*ty)?);
        }
        Ok(())
    }

    /// Notes what a further instance adds to the program.
    pub(super) fn account_for(&mut self, module: &Module<'_>) -> Result<(), LinkError> {
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
        Ok(())
    }

    pub(super) fn define_function(
        &mut self,
        id: InstanceId,
        module: &Module<'_>,
        index: FuncIndex,
        signature: TypeId,
    ) -> FuncId {
        let defined = DefinedIndex::new(index.index() - module.imported_functions);
        let kind = FuncKind::Wasm(id, defined);
        self.program.funcs.push(Func { kind, signature, name: module.function_name(index) })
    }

    pub(super) fn define_global(&mut self, instance: &Instance<'_>, global: &Global) -> GlobalId {
        let init = global.init.as_ref().expect("defined globals have an initialiser");
        let init = evaluate::evaluate(init, &self.program.globals, &instance.globals, &instance.funcs);
        self.program.globals.push(GlobalPlan { ty: canonical_global(instance, global.ty), init })
    }

    /// Allocates the tables that the module of an instance defines: all but the first ones, which are imported.
    pub(super) fn define_tables(
        &mut self,
        instance: &Instance<'_>,
        imported: usize,
    ) -> Result<Vec<TableId>, LinkError> {
        let module = instance.module;
        let mut used = SecondaryMap::<TableIndex, u64>::new();
        for elements in module.elements.values() {
            if let SegmentKind::Active { target, .. } = elements.kind {
                used[target] += elements.items.len() as u64;
            }
        }
        let mut tables = Vec::new();
        for (index, table) in module.tables.iter().skip(imported) {
            self.count_elements(table.ty.initial, index)?;
            let fill = table.init.as_ref().map_or(Value::Null, |init| {
                evaluate::evaluate(init, &self.program.globals, &instance.globals, &instance.funcs)
            });
            let mut ty = table.ty;
            ty.element_type = types::canonical_ref(ty.element_type, &instance.types);
            tables.push(self.allocate_table(ty, fill, used[index]));
        }
        Ok(tables)
    }

    /// Refuses more elements than tables can have. `index`: that of the table in its module.
    pub(super) fn count_elements(&mut self, elements: u64, index: TableIndex) -> Result<(), LinkError> {
        if elements > self.table_limit {
            return Err(LinkError::TooLarge(format!(
                "a table of {elements} elements is too large: the limit is {}",
                self.table_limit
            )));
        }
        self.table_elements += elements;
        if self.table_elements > MAX_ALL_ELEMENTS {
            return Err(LinkError::TooLarge(format!(
                "the tables up to number {} have {} elements together, which is too many: the limit is \
                 {MAX_ALL_ELEMENTS}",
                index.as_u32(),
                self.table_elements
            )));
        }
        Ok(())
    }

    /// `used`: at least the number of elements that segments put into the table.
    pub(super) fn allocate_table(&mut self, ty: TableType, fill: Value, used: u64) -> TableId {
        let plan = TablePlan::new(ty, fill, self.table_limit, used, &mut self.free_elements);
        self.program.tables.push(plan)
    }

    pub(super) fn allocate_memory(&mut self, ty: MemoryType) -> Result<MemoryId, LinkError> {
        let plan = self.plan_memory(ty)?;
        Ok(self.program.memories.push(plan))
    }

    pub(super) fn plan_memory(&self, ty: MemoryType) -> Result<MemoryPlan<'a>, LinkError> {
        let plan = MemoryPlan::new(ty, self.memory_limit);
        if let Some(limit) = self.memory_limit.filter(|limit| plan.initial_bytes() > *limit) {
            return Err(LinkError::TooLarge(format!(
                "a memory of {} bytes is too large: the limit is {limit}",
                plan.initial_bytes()
            )));
        }
        Ok(plan)
    }
}

/// The type of a global of an instance, canonical in the whole program.
pub(super) fn canonical_global(instance: &Instance<'_>, mut ty: GlobalType) -> GlobalType {
    ty.content_type = types::canonical(ty.content_type, &instance.types);
    ty
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
