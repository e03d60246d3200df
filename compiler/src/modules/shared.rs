//! Shared libraries (WebAssembly/tool-conventions, `DynamicLinking.md`): where in the main module's memory and table each
//! has its part, and what the addresses of symbols are. All of that is known when the program is built, so the linker's
//! globals are constants; what is left for run time are the functions by which libraries relocate and initialise
//! their data.
//!
//! The main module is an ordinary one, which exports what the libraries use, or a position-independent one, for which
//! memory, table and stack are made here.

use std::collections::HashMap;

use wasmparser::{GlobalType, MemoryType, RefType, TableType, ValType};

use super::linker::{Base, ENVIRONMENT, Linker, MemberId, Shared};
use super::nearest;
use crate::escape::escape;
use crate::parse::{ConstExpr, ConstOp, GlobalIndex, Import, Item, Module, SegmentKind};
use crate::program::{Entity, FuncId, LinkError, MemoryId, TableId, Value};

/// The module names of the addresses of variables and of functions.
const VARIABLES: &str = "GOT.mem";
const FUNCTIONS: &str = "GOT.func";

const MEMORY: &str = "memory";
const TABLE: &str = "__indirect_function_table";
const STACK_POINTER: &str = "__stack_pointer";
const MEMORY_BASE: &str = "__memory_base";
const TABLE_BASE: &str = "__table_base";
/// As `__table_base`, if memories are addressed by 64 bits but tables are not.
const TABLE_BASE_32: &str = "__table_base32";

/// The first address of a position-independent program that is used: null points at nothing.
const FIRST_ADDRESS: u64 = 1024;

/// The size of the stack of a position-independent program in its memory, in bytes.
const STACK_BYTES: u64 = 1 << 20;

/// The alignment of stack and heap in bytes.
const STACK_ALIGNMENT: u64 = 16;

/// Tags of exceptions that every module imports, as none may be the one that defines them.
const TAGS: [&str; 2] = ["__cpp_exception", "__c_longjmp"];

/// What a main module must be linked with for what libraries import from it.
const EXPORTED_BY: [(&str, &str); 3] = [
    (MEMORY, "-Wl,--export-memory"),
    (TABLE, "-Wl,--export-table"),
    (STACK_POINTER, "-Wl,--export=__stack_pointer"),
];

/// Gives each library its part of memory and table.
///
/// # Errors
/// If a library is needed that isn't linked, or memory or table can't be as large.
pub fn lay_out<'a>(linker: &mut Linker<'a>) -> Result<Shared<'a>, LinkError> {
    check_needed(linker)?;
    let main = linker.main;
    let mut shared = Shared {
        table: None,
        bases: HashMap::new(),
        made: HashMap::new(),
        addresses: HashMap::new(),
        globals: HashMap::new(),
        elements: None,
        next_element: 0,
        tags: HashMap::new(),
    };
    let is_independent = linker.members[main].dylink().is_some();
    let memory = exported_memory(linker)?;
    let (mut end, mut elements) = if is_independent {
        // Element 0 is null: a pointer to no function.
        ((FIRST_ADDRESS + STACK_BYTES).next_multiple_of(STACK_ALIGNMENT), 1)
    } else {
        shared.table = exported_table(linker);
        let elements = shared.table.map_or(0, |table| linker.builder.table_type(table).initial);
        (memory.map_or(0, |memory| initial_bytes(linker.builder.memory_type(memory))), elements)
    };
    // The main module's part is before those of the libraries.
    let members = std::iter::once(main).chain(linker.members.keys().filter(|member| *member != main));
    for member in members {
        let Some(dylink) = linker.members[member].dylink() else { continue };
        let space = &dylink.space;
        end = end.next_multiple_of(1 << space.memory_alignment);
        elements = elements.next_multiple_of(1 << space.table_alignment);
        shared.bases.insert(member, Base { memory: end, table: elements });
        end += u64::from(space.memory_size);
        elements += u64::from(space.table_size);
    }
    shared.next_element = elements;
    if is_independent {
        make(&mut shared, linker, memory, end, elements)?;
    } else {
        if let Some(memory) = memory {
            let page = page_bytes(linker.builder.memory_type(memory));
            linker.builder.enlarge_memory(memory, end.div_ceil(page))?;
        }
        if let Some(table) = shared.table {
            linker.builder.enlarge_table(table, elements)?;
        }
    }
    Ok(shared)
}

/// Makes table and stack of a position-independent main module, and its memory, if it doesn't export one.
fn make<'a>(
    shared: &mut Shared<'a>,
    linker: &mut Linker<'a>,
    memory: Option<MemoryId>,
    end: u64,
    elements: u64,
) -> Result<(), LinkError> {
    let stack_high = (FIRST_ADDRESS + STACK_BYTES).next_multiple_of(STACK_ALIGNMENT);
    let heap = end.next_multiple_of(STACK_ALIGNMENT);
    let memory = match memory {
        Some(memory) => memory,
        None => linker.builder.add_memory(memory_of_all(linker))?,
    };
    let page = page_bytes(linker.builder.memory_type(memory));
    linker.builder.enlarge_memory(memory, heap.div_ceil(page))?;
    let ty = *linker.builder.memory_type(memory);
    let (wide, bytes) = (ty.memory64, initial_bytes(&ty));
    let modules = || linker.members.values().map(|member| member.module);
    let table64 = modules().filter_map(imported_table).any(|ty| ty.table64);
    let initial = modules().filter_map(imported_table).map(|ty| ty.initial).max().unwrap_or(0).max(elements);
    let ty = TableType { element_type: RefType::FUNCREF, table64, initial, maximum: None, shared: false };
    let table = linker.builder.add_table(ty)?;
    shared.next_element = initial;
    shared.table = Some(table);
    let content_type = if wide { ValType::I64 } else { ValType::I32 };
    let ty = GlobalType { content_type, mutable: true, shared: false };
    let stack_pointer = linker.builder.add_global(ty, address(content_type, stack_high, STACK_POINTER)?);
    shared.made = HashMap::from([
        (MEMORY, Entity::Memory(memory)),
        (TABLE, Entity::Table(table)),
        (STACK_POINTER, Entity::Global(stack_pointer)),
    ]);
    shared.addresses = HashMap::from([
        ("__heap_base", heap),
        ("__heap_end", bytes),
        ("__data_end", end),
        ("__stack_low", FIRST_ADDRESS),
        ("__stack_high", stack_high),
    ]);
    Ok(())
}

/// The type of the memory that all modules import.
fn memory_of_all(linker: &Linker<'_>) -> MemoryType {
    let memories = || linker.members.values().filter_map(|member| imported_memory(member.module));
    MemoryType {
        memory64: memories().any(|ty| ty.memory64),
        shared: memories().any(|ty| ty.shared),
        initial: memories().map(|ty| ty.initial).max().unwrap_or(0),
        maximum: memories().filter_map(|ty| ty.maximum).min(),
        page_size_log2: None,
    }
}

fn page_bytes(ty: &MemoryType) -> u64 {
    1 << ty.page_size_log2.unwrap_or(16)
}

fn initial_bytes(ty: &MemoryType) -> u64 {
    ty.initial.saturating_mul(page_bytes(ty))
}

/// A number as an address of this type.
///
/// # Errors
/// If it doesn't fit: an i32 where memory has 64-bit addresses.
fn address(ty: ValType, value: u64, name: &str) -> Result<Value, LinkError> {
    if ty == ValType::I64 {
        return Ok(Value::I64(value as i64));
    }
    let too_large =
        || LinkError::TooLarge(format!("`{}` is at {value:#x}, which doesn't fit into an i32", escape(name)));
    Ok(Value::I32(u32::try_from(value).map_err(|_| too_large())? as i32))
}

/// The type of the memory that a module imports from the environment.
fn imported_memory<'m>(module: &'m Module<'_>) -> Option<&'m MemoryType> {
    module.imports.iter().find_map(|import| match import.item {
        Item::Memory(index) if (import.module, import.name) == (ENVIRONMENT, MEMORY) => {
            Some(&module.memories[index])
        }
        _ => None,
    })
}

/// The type of the table that a module imports from the environment.
fn imported_table<'m>(module: &'m Module<'_>) -> Option<&'m TableType> {
    module.imports.iter().find_map(|import| match import.item {
        Item::Table(index) if (import.module, import.name) == (ENVIRONMENT, TABLE) => {
            Some(&module.tables[index].ty)
        }
        _ => None,
    })
}

fn exported_memory(linker: &Linker<'_>) -> Result<Option<MemoryId>, LinkError> {
    let Some(item) = linker.members[linker.main].exports.get(MEMORY) else { return Ok(None) };
    match linker.builder.entity(linker.id(linker.main), *item) {
        Some(Entity::Memory(memory)) => Ok(Some(memory)),
        _ => Err(LinkError::Modules(
            "the main module must define the memory that it shares with shared libraries".to_owned(),
        )),
    }
}

fn exported_table(linker: &Linker<'_>) -> Option<TableId> {
    let item = linker.members[linker.main].exports.get(TABLE)?;
    match linker.builder.entity(linker.id(linker.main), *item) {
        Some(Entity::Table(table)) => Some(table),
        _ => None,
    }
}

fn check_needed(linker: &Linker<'_>) -> Result<(), LinkError> {
    for (id, member) in &linker.members {
        let Some(dylink) = member.dylink() else { continue };
        if let Some(name) = dylink.needed.iter().find(|name| linker.needed(name).is_none()) {
            let who = if id == linker.main {
                "the main module".to_owned()
            } else {
                format!("`{}`", escape(member.name))
            };
            let name = nearest::shown(name);
            return Err(LinkError::Modules(format!(
                "{who} needs the shared library `{name}`, which isn't linked: --link-shared PATH/{name}"
            )));
        }
    }
    Ok(())
}

impl<'a> Linker<'a> {
    /// What the linker itself provides to shared libraries and position-independent main modules.
    pub fn shared_entity(
        &mut self,
        member: MemberId,
        import: &'a Import<'a>,
    ) -> Result<Option<Entity>, LinkError> {
        let Some(shared) = &self.shared else { return Ok(None) };
        if self.members[member].dylink().is_none() {
            return Ok(shared.made.get(import.name).copied().filter(|_| import.module == ENVIRONMENT));
        }
        match (import.module, import.item) {
            (ENVIRONMENT | VARIABLES | FUNCTIONS, Item::Global(index)) if import.name != STACK_POINTER => {
                self.address_global(member, import, index)
            }
            (ENVIRONMENT, Item::Tag(_)) if TAGS.contains(&import.name) => Ok(self.tag(member, import)),
            (ENVIRONMENT, _) => Ok(shared.made.get(import.name).copied()),
            _ => Ok(None),
        }
    }

    /// What the main module has to be linked with so that it exports what a library imports.
    pub fn shared_note(&self, import: &Import<'_>) -> Option<String> {
        self.shared.as_ref()?;
        match import.module {
            ENVIRONMENT => {
                let flag = EXPORTED_BY.iter().find(|(name, _)| *name == import.name).map(|(_, flag)| *flag);
                let flag = flag
                    .map_or_else(|| format!("-Wl,--export={}", nearest::shown(import.name)), str::to_owned);
                Some(format!(
                    "neither the main module nor a shared library exports it: link one of them with {flag}"
                ))
            }
            VARIABLES => Some("the address of a variable that nothing exports".to_owned()),
            FUNCTIONS => Some("the address of a function that nothing exports".to_owned()),
            _ => None,
        }
    }

    /// The global for an import of a base or an address, if that is known.
    fn address_global(
        &mut self,
        member: MemberId,
        import: &'a Import<'a>,
        index: GlobalIndex,
    ) -> Result<Option<Entity>, LinkError> {
        let key = (member, import.module, import.name);
        if let Some(global) = self.shared.as_ref().and_then(|shared| shared.globals.get(&key)) {
            return Ok(Some(Entity::Global(*global)));
        }
        let ty = self.members[member].module.globals[index].ty;
        if !matches!(ty.content_type, ValType::I32 | ValType::I64) {
            return Ok(None);
        }
        let Some(value) = self.address_of(member, import)? else { return Ok(None) };
        let global = self.builder.add_global(ty, address(ty.content_type, value, import.name)?);
        if let Some(shared) = &mut self.shared {
            shared.globals.insert(key, global);
        }
        Ok(Some(Entity::Global(global)))
    }

    fn address_of(&mut self, member: MemberId, import: &Import<'_>) -> Result<Option<u64>, LinkError> {
        let Some(shared) = &self.shared else { return Ok(None) };
        let base = shared.bases.get(&member).copied().unwrap_or_default();
        let found = match (import.module, import.name) {
            (ENVIRONMENT, MEMORY_BASE) => Some(base.memory),
            (ENVIRONMENT, TABLE_BASE | TABLE_BASE_32) => Some(base.table),
            (VARIABLES, name) => self.variable(name)?,
            (FUNCTIONS, name) => self.function(name)?,
            _ => return Ok(None),
        };
        let is_weak = self.members[member].dylink().is_some_and(|dylink| {
            [import.module, ENVIRONMENT].iter().any(|module| dylink.weak.contains(&(*module, import.name)))
        });
        Ok(found.or(is_weak.then_some(0)))
    }

    /// The main module, then the libraries.
    fn definers(&self) -> Vec<MemberId> {
        let libraries = self.members.keys().filter(|member| *member != self.main);
        let libraries = libraries.filter(|member| self.members[*member].dylink().is_some());
        std::iter::once(self.main).chain(libraries).collect()
    }

    /// The address of a variable: what its definer exports is relative to its part of the memory.
    fn variable(&mut self, name: &str) -> Result<Option<u64>, LinkError> {
        for member in self.definers() {
            let Some(item) = self.members[member].exports.get(name) else { continue };
            let Some(Entity::Global(global)) = self.builder.entity(self.id(member), *item) else { continue };
            if self.members[member].dylink().is_some_and(|dylink| dylink.thread_local.contains(name)) {
                return Err(LinkError::Unsupported(format!(
                    "`{}` is a thread-local variable of a shared library, which isn't supported",
                    nearest::shown(name)
                )));
            }
            let base = self.shared.as_ref().and_then(|shared| shared.bases.get(&member)).copied();
            let value = self.builder.global_value(global).bits().unwrap_or(0);
            self.used.insert(member);
            return Ok(Some(value.wrapping_add(base.unwrap_or_default().memory)));
        }
        Ok(self.shared.as_ref().and_then(|shared| shared.addresses.get(name).copied()))
    }

    /// The function of this name.
    fn defined_function(&self, name: &str) -> Option<(MemberId, Item, FuncId)> {
        self.definers().into_iter().find_map(|member| {
            let item @ Item::Func(_) = *self.members[member].exports.get(name)? else { return None };
            match self.builder.entity(self.id(member), item) {
                Some(Entity::Func(func)) => Some((member, item, func)),
                _ => None,
            }
        })
    }

    /// The address of a function: its index in the table, where it is put if it isn't there yet.
    fn function(&mut self, name: &str) -> Result<Option<u64>, LinkError> {
        let Some((member, item, func)) = self.defined_function(name) else { return Ok(None) };
        self.check_wrapper(member, item, name)?;
        self.used.insert(member);
        let mut elements = match self.shared.as_mut().and_then(|shared| shared.elements.take()) {
            Some(elements) => elements,
            None => self.elements(),
        };
        let Some(shared) = &mut self.shared else { return Ok(None) };
        let index = match (elements.get(&func), shared.table) {
            (Some(index), _) => Some(*index),
            (None, None) => None,
            (None, Some(table)) => {
                let index = shared.next_element;
                shared.next_element += 1;
                self.builder.enlarge_table(table, shared.next_element)?;
                self.builder.set_element(table, index, func);
                elements.insert(func, index);
                Some(index)
            }
        };
        shared.elements = Some(elements);
        Ok(index)
    }

    /// The functions that segments put into the table, with their first indices: a function has one address.
    fn elements(&self) -> HashMap<FuncId, u64> {
        let mut elements = HashMap::new();
        for member in self.definers() {
            let (module, id) = (self.members[member].module, self.id(member));
            let base = self.shared.as_ref().and_then(|shared| shared.bases.get(&member));
            let base = base.copied().unwrap_or_default().table;
            let imports: HashMap<Item, &Import<'_>> =
                module.imports.iter().map(|import| (import.item, import)).collect();
            for segment in module.elements.values() {
                let SegmentKind::Active { target, offset } = &segment.kind else { continue };
                let is_shared = match self.builder.entity(id, Item::Table(*target)) {
                    Some(Entity::Table(table)) => {
                        self.shared.as_ref().is_some_and(|s| s.table == Some(table))
                    }
                    _ => imports.get(&Item::Table(*target)).is_some_and(|import| import.name == TABLE),
                };
                let is_base = |index: GlobalIndex| {
                    let import = imports.get(&Item::Global(index));
                    import.is_some_and(|import| matches!(import.name, TABLE_BASE | TABLE_BASE_32))
                };
                let Some(offset) = offset_of(offset, base, is_base).filter(|_| is_shared) else { continue };
                for (index, item) in (0..).zip(&segment.items) {
                    // Beyond every table, where instantiation fails.
                    let Some(index) = offset.checked_add(index) else { break };
                    let [ConstOp::RefFunc(func)] = *item.0 else { continue };
                    let func = match self.builder.entity(id, Item::Func(func)) {
                        Some(Entity::Func(func)) => Some(func),
                        _ => imports
                            .get(&Item::Func(func))
                            .filter(|import| import.module == ENVIRONMENT)
                            .and_then(|import| self.defined_function(import.name))
                            .map(|(.., func)| func),
                    };
                    if let Some(func) = func {
                        elements.entry(func).or_insert(index);
                    }
                }
            }
        }
        elements
    }

    /// The tag of all modules that import it by this name: what one of them exports, or one that is made here.
    fn tag(&mut self, member: MemberId, import: &'a Import<'a>) -> Option<Entity> {
        if let Some(tag) = self.shared.as_ref()?.tags.get(import.name) {
            return Some(*tag);
        }
        let exported = self.definers().into_iter().find_map(|member| {
            let item @ Item::Tag(_) = *self.members[member].exports.get(import.name)? else { return None };
            self.builder.entity(self.id(member), item)
        });
        let tag = exported.or_else(|| Some(Entity::Tag(self.builder.add_tag(self.id(member), import)?)))?;
        self.shared.as_mut()?.tags.insert(import.name, tag);
        Some(tag)
    }
}

/// The value of an offset that consists of numbers and of a base.
fn offset_of(offset: &ConstExpr, base: u64, is_base: impl Fn(GlobalIndex) -> bool) -> Option<u64> {
    let mut stack = Vec::<u64>::new();
    for op in &offset.0 {
        let value = match *op {
            ConstOp::I32(value) => u64::from(value as u32),
            ConstOp::I64(value) => value as u64,
            ConstOp::GlobalGet(index) if is_base(index) => base,
            ConstOp::I32Add | ConstOp::I64Add => stack.pop()?.wrapping_add(stack.pop()?),
            _ => return None,
        };
        stack.push(value);
    }
    stack.pop()
}
