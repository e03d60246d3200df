//! Instances whose imports may be of one another: what a module defines is allocated before its imports are bound, so that
//! modules that are linked together can call each other, as a program and its shared libraries do.

use cranelift_entity::{EntityRef as _, PrimaryMap};
use wasmparser::{GlobalType, MemoryType, TableType};

use super::entity::{FuncId, GlobalId, InstanceId, MemoryId, TableId, TagId};
use super::error::LinkError;
use super::instantiate::{Builder, canonical_global};
use super::memory::MemoryPlan;
use super::model::{Entity, FuncKind, GlobalPlan, InitStep, Instance};
use super::table::MAX_ALL_ELEMENTS;
use super::value::Value;
use super::{evaluate, initialise};
use crate::escape::escape;
use crate::parse::{ConstOp, Global, Import, Item, Module, TableIndex};

/// What an instance defines, by the position among the definitions of its kind, while its imports aren't bound yet.
#[derive(Default)]
pub(super) struct Declared {
    imported: Imported,
    pub funcs: Vec<FuncId>,
    pub tables: Vec<TableId>,
    pub memories: Vec<MemoryId>,
    /// None for a global whose value depends on imports.
    pub globals: Vec<Option<GlobalId>>,
    pub tags: Vec<TagId>,
}

/// How many of each kind a module imports.
#[derive(Default)]
struct Imported {
    funcs: usize,
    tables: usize,
    memories: usize,
    globals: usize,
    tags: usize,
}

impl Imported {
    fn by(module: &Module<'_>) -> Imported {
        let mut imported = Imported::default();
        for import in &module.imports {
            *match import.item {
                Item::Func(_) => &mut imported.funcs,
                Item::Table(_) => &mut imported.tables,
                Item::Memory(_) => &mut imported.memories,
                Item::Global(_) => &mut imported.globals,
                Item::Tag(_) => &mut imported.tags,
            } += 1;
        }
        imported
    }
}

impl<'a> Builder<'a> {
    /// Adds an instance of `module`. What it defines exists from now on; [`Self::complete`] binds its imports.
    ///
    /// # Errors
    /// If the program becomes too large.
    pub fn declare(&mut self, module: &'a Module<'a>) -> Result<InstanceId, LinkError> {
        let instance = self.new_instance(module);
        let id = self.program.instances.next_key();
        self.account_for(module)?;
        let mut declared = Declared { imported: Imported::by(module), ..Declared::default() };
        for (index, ty) in module.functions.iter().skip(module.imported_functions) {
            declared.funcs.push(self.define_function(id, module, index, instance.types[*ty]));
        }
        declared.globals = module
            .globals
            .values()
            .filter_map(|global| global.init.as_ref().map(|_| self.declare_global(&instance, global)))
            .collect();
        if module.tables.values().all(|table| table.init.is_none()) {
            declared.tables = self.define_tables(&instance, declared.imported.tables)?;
        }
        for ty in module.memories.values().skip(declared.imported.memories) {
            declared.memories.push(self.allocate_memory(*ty)?);
        }
        for ty in module.tags.values().skip(declared.imported.tags) {
            declared.tags.push(self.program.tags.push(instance.types[*ty]));
        }
        self.declared.insert(id, declared);
        Ok(self.program.instances.push(instance))
    }

    /// A global that the instance defines, if its value doesn't depend on imports.
    fn declare_global(&mut self, instance: &Instance<'_>, global: &Global) -> Option<GlobalId> {
        let init = global.init.as_ref()?;
        let depends = |op: &ConstOp| matches!(op, ConstOp::GlobalGet(_) | ConstOp::RefFunc(_));
        if init.0.iter().any(depends) {
            return None;
        }
        let value = evaluate::evaluate(init, &self.program.globals, &PrimaryMap::new(), &PrimaryMap::new());
        let ty = canonical_global(instance, global.ty);
        Some(self.program.globals.push(GlobalPlan { ty, init: value }))
    }

    /// The program's entity behind an item of an instance. What an instance imports, and globals whose values depend on
    /// that, don't exist before it is complete.
    pub fn entity(&self, id: InstanceId, item: Item) -> Option<Entity> {
        match self.declared.get(&id) {
            None => Some(self.program.instances[id].entity(item)),
            Some(declared) => declared.entity(item),
        }
    }

    /// What the host provides for an import of an instance whose imports are being bound, if it does; with
    /// `--trap-unknown-imports` a function that traps when it is called.
    ///
    /// # Errors
    /// If the host's function has another type.
    pub fn provided(&mut self, id: InstanceId, import: &Import<'a>) -> Result<Option<Entity>, LinkError> {
        let Item::Func(index) = import.item else { return Ok(None) };
        let instance = &self.program.instances[id];
        let signature = instance.types[instance.module.functions[index]];
        self.host_function(import, signature)
    }

    /// A function that traps when it is called, in the place of a weak reference to what nothing defines.
    pub fn undefined(&mut self, id: InstanceId, import: &Import<'a>) -> Option<Entity> {
        let Item::Func(index) = import.item else { return None };
        let instance = &self.program.instances[id];
        let signature = instance.types[instance.module.functions[index]];
        let name = format!("{}.{}", escape(&import.module_name()), escape(import.name));
        Some(Entity::Func(self.add_stand_in(name, FuncKind::Unknown, signature)))
    }

    /// Binds the imports of a declared instance to these entities, in order, and initialises it. Instances are instantiated
    /// in the order in which they are completed, one after the other, before anything else runs.
    ///
    /// # Errors
    /// Names the import whose type doesn't match.
    pub fn complete(&mut self, id: InstanceId, imports: &[Entity]) -> Result<(), LinkError> {
        let module = self.program.instances[id].module;
        let types = std::mem::take(&mut self.program.instances[id].types);
        let mut instance = Instance { types, ..Instance::new(module) };
        for (import, entity) in module.imports.iter().zip(imports) {
            self.check_import(&instance, import, *entity)?;
            instance.bind(*entity);
        }
        let declared = self.declared.remove(&id).unwrap_or_default();
        instance.funcs.extend(declared.funcs);
        instance.tags.extend(declared.tags);
        instance.memories.extend(declared.memories);
        let defined = module.globals.values().filter(|global| global.init.is_some());
        for (global, declared) in defined.zip(declared.globals) {
            let global = declared.unwrap_or_else(|| self.define_global(&instance, global));
            instance.globals.push(global);
        }
        let tables = match declared.tables.is_empty() {
            true => self.define_tables(&instance, instance.tables.len())?,
            false => declared.tables,
        };
        instance.tables.extend(tables);
        initialise::initialise(&mut self.program, &mut instance, Some(&self.ran));
        self.ran.note(&instance);
        self.program.instances[id] = instance;
        Ok(())
    }

    /// Has a complete instance call one of its functions at the end of its instantiation.
    pub fn call_at_instantiation(&mut self, id: InstanceId, func: FuncId) {
        self.program.instances[id].init.push(InitStep::Start(func));
        self.ran.note_start(func);
    }

    /// Adds a global that no module defines.
    pub fn add_global(&mut self, ty: GlobalType, init: Value) -> GlobalId {
        self.program.globals.push(GlobalPlan { ty, init })
    }

    /// Adds a memory that no module defines.
    ///
    /// # Errors
    /// If it is larger than the limit.
    pub fn add_memory(&mut self, ty: MemoryType) -> Result<MemoryId, LinkError> {
        let plan = self.plan_shared_memory(ty)?;
        Ok(self.program.memories.push(plan))
    }

    fn plan_shared_memory(&self, ty: MemoryType) -> Result<MemoryPlan<'a>, LinkError> {
        let plan = self.plan_memory(ty)?;
        if plan.initial_bytes() > plan.maximum_bytes() {
            return Err(LinkError::TooLarge(format!(
                "the program and the shared libraries need a memory of {} bytes, but it can have at most {}",
                plan.initial_bytes(),
                plan.maximum_bytes()
            )));
        }
        Ok(plan)
    }

    /// Makes the initial size of a memory, in pages, at least this large.
    ///
    /// # Errors
    /// If the memory may not become so large.
    pub fn enlarge_memory(&mut self, memory: MemoryId, pages: u64) -> Result<(), LinkError> {
        let mut ty = self.program.memories[memory].ty;
        ty.initial = ty.initial.max(pages);
        self.program.memories[memory] = self.plan_shared_memory(ty)?;
        Ok(())
    }

    /// Adds a table of functions that no module defines, all of whose elements are null.
    ///
    /// # Errors
    /// If it is larger than the limit.
    pub fn add_table(&mut self, ty: TableType) -> Result<TableId, LinkError> {
        self.count_elements(ty.initial, TableIndex::from_u32(0))?;
        Ok(self.allocate_table(ty, Value::Null, ty.initial))
    }

    /// Makes a table, of which nothing is initialised yet, at least this large, whatever the maximum in its type.
    ///
    /// # Errors
    /// If it would be larger than the limit.
    pub fn enlarge_table(&mut self, table: TableId, elements: u64) -> Result<(), LinkError> {
        let before = self.program.tables[table].size();
        if elements > self.table_limit
            || self.table_elements + elements.saturating_sub(before) > MAX_ALL_ELEMENTS
        {
            return Err(LinkError::TooLarge(format!(
                "the functions of the shared libraries need a table of {elements} elements, which is too large"
            )));
        }
        self.table_elements += elements.saturating_sub(before);
        self.program.tables[table].enlarge(elements);
        Ok(())
    }

    /// Puts a function into a table at compile time, where no segment puts anything.
    pub fn set_element(&mut self, table: TableId, index: u64, func: FuncId) {
        self.program.tables[table].set(index, &[Value::Func(func)]);
    }

    /// Adds a tag of exceptions that no module defines, for an import of it.
    pub fn add_tag(&mut self, id: InstanceId, import: &Import<'_>) -> Option<TagId> {
        let Item::Tag(index) = import.item else { return None };
        let instance = &self.program.instances[id];
        let ty = instance.types[instance.module.tags[index]];
        Some(self.program.tags.push(ty))
    }

    /// The type of a table.
    pub fn table_type(&self, table: TableId) -> &TableType {
        &self.program.tables[table].ty
    }

    /// What a function is.
    pub fn func_kind(&self, func: FuncId) -> FuncKind {
        self.program.funcs[func].kind
    }

    /// The value with which a global is initialised.
    pub fn global_value(&self, global: GlobalId) -> Value {
        self.program.globals[global].init
    }

    /// Host functions use the memory of the instance that calls them.
    pub fn use_memories_of_callers(&mut self) {
        self.program.has_callers_memory = true;
    }
}

impl Declared {
    /// A definition, if the item isn't an import.
    fn entity(&self, item: Item) -> Option<Entity> {
        let imported = &self.imported;
        match item {
            Item::Func(index) => {
                Some(Entity::Func(*self.funcs.get(index.index().checked_sub(imported.funcs)?)?))
            }
            Item::Table(index) => {
                Some(Entity::Table(*self.tables.get(index.index().checked_sub(imported.tables)?)?))
            }
            Item::Memory(index) => {
                Some(Entity::Memory(*self.memories.get(index.index().checked_sub(imported.memories)?)?))
            }
            Item::Global(index) => {
                let global = *self.globals.get(index.index().checked_sub(imported.globals)?)?;
                global.map(Entity::Global)
            }
            Item::Tag(index) => Some(Entity::Tag(*self.tags.get(index.index().checked_sub(imported.tags)?)?)),
        }
    }
}
