//! Links modules: decides the order of their instances, binds their imports to each other's exports and to the host, and
//! says what can't be bound, with what there is instead.

use std::collections::{HashMap, HashSet};

use cranelift_entity::{EntityRef as _, PrimaryMap, SecondaryMap, entity_impl, packed_option::PackedOption};

use super::command::Wrappers;
use super::shared::{ENVIRONMENT, Shared};
use super::{Modules, nearest, order};
use crate::escape::escape;
use crate::parse::{Dylink, Import, Item, Module};
use crate::program::{
    Builder, Call, Entity, FuncId, FuncKind, InstanceId, LinkError, MemoryId, Results, UnknownImport,
    starts_threads,
};

/// A module of the program: the linked ones as they were given, then the main one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct MemberId(u32);
entity_impl!(MemberId, "member");

/// A module of the program.
pub(super) struct Member<'a> {
    pub name: &'a str,
    pub module: &'a Module<'a>,
    pub exports: HashMap<&'a str, Item>,
}

impl<'a> Member<'a> {
    fn new(name: &'a str, module: &'a Module<'a>) -> Member<'a> {
        let exports = module.exports.iter().map(|export| (export.name, export.item)).collect();
        Member { name, module, exports }
    }

    /// What makes it a shared library, or a position-independent main module.
    pub fn dylink(&self) -> Option<&'a Dylink<'a>> {
        self.module.dylink.as_ref()?.as_ref().ok()
    }
}

/// Linked modules: a program, except for what it runs.
pub struct Linking<'a> {
    pub builder: Builder<'a>,
    /// In the order in which they are instantiated.
    pub instances: Vec<InstanceId>,
    pub main: InstanceId,
    /// The memory of host functions, unless they use those of their callers.
    pub host_memory: Option<MemoryId>,
    /// What is called after that, before anything of the main module.
    pub calls: Vec<Call>,
    pub warnings: Vec<String>,
}

/// Links the modules.
///
/// # Errors
/// Names the modules that depend on each other, what can't be linked at all, the imports that nothing provides, or the one
/// whose type doesn't match.
pub fn link<'a>(modules: &'a Modules<'a>, builder: Builder<'a>) -> Result<Linking<'a>, LinkError> {
    let mut linker = Linker::new(modules, builder)?;
    let order = linker.order()?;
    linker.builder.expect(modules.all());
    for member in &order {
        let module = linker.members[*member].module;
        let id = linker.builder.declare(module).map_err(|error| linker.in_member(*member, error))?;
        linker.ids[*member] = Some(id).into();
    }
    if linker.members.values().any(|member| member.dylink().is_some()) {
        linker.shared = Some(Shared::lay_out(&mut linker)?);
    }
    for member in &order {
        linker.complete(*member).map_err(|error| linker.in_member(*member, error))?;
    }
    let calls = linker.initialisers(&order)?;
    let host_memory = linker.host_memory();
    let warnings = linker.warnings();
    let instances = order.iter().map(|member| linker.id(*member)).collect();
    let main = linker.id(linker.main);
    Ok(Linking { builder: linker.builder, instances, main, host_memory, calls, warnings })
}

/// Modules that are being linked.
pub(super) struct Linker<'a> {
    pub builder: Builder<'a>,
    pub members: PrimaryMap<MemberId, Member<'a>>,
    pub main: MemberId,
    by_name: HashMap<&'a str, MemberId>,
    /// The instances, once they are declared.
    ids: SecondaryMap<MemberId, PackedOption<InstanceId>>,
    /// What shared libraries have in common, if there are any.
    pub shared: Option<Shared<'a>>,
    /// What wraps the main module's exports, if anything does.
    wrappers: Option<Wrappers>,
    /// The members from which others import something.
    pub used: HashSet<MemberId>,
}

impl<'a> Linker<'a> {
    fn new(modules: &'a Modules<'a>, builder: Builder<'a>) -> Result<Linker<'a>, LinkError> {
        let mut members = PrimaryMap::new();
        let mut by_name = HashMap::new();
        for (name, module) in &modules.linked {
            if by_name.insert(*name, members.push(Member::new(name, module))).is_some() {
                return Err(LinkError::Modules(format!("two modules are linked as `{}`", escape(name))));
            }
            if matches!(module.export("_start"), Some(Item::Func(_))) {
                return Err(LinkError::Modules(format!(
                    "`{}` is a program, as it exports `_start`, and only libraries can be linked: \
                     clang makes one with -mexec-model=reactor",
                    escape(name)
                )));
            }
        }
        if modules.all().any(starts_threads) {
            return Err(LinkError::Threads(
                "threads (wasi.thread-spawn) aren't supported in a program of several modules".to_owned(),
            ));
        }
        let main = members.push(Member::new("", &modules.main));
        let ids = SecondaryMap::new();
        let wrappers = Wrappers::of(&modules.main);
        Ok(Linker { builder, members, main, by_name, ids, shared: None, wrappers, used: HashSet::new() })
    }

    /// The instance of a member that is declared.
    pub fn id(&self, member: MemberId) -> InstanceId {
        self.ids[member].expect("it is declared")
    }

    /// An error in a member, with its name.
    fn in_member(&self, member: MemberId, error: LinkError) -> LinkError {
        match error {
            error if member == self.main => error,
            error => LinkError::In(self.members[member].name.to_owned(), Box::new(error)),
        }
    }

    /// The module of this name, for an import of a member. A module that has the name of one from which it imports doesn't
    /// import from itself, but from the host that it stands before.
    fn exporter(&self, member: MemberId, name: &str) -> Option<MemberId> {
        self.by_name.get(name).copied().filter(|exporter| *exporter != member)
    }

    /// The order of instantiation: dependencies first; the main module last, but before shared libraries, which use its
    /// memory, and are initialised by calls afterwards.
    fn order(&self) -> Result<Vec<MemberId>, LinkError> {
        let linked = self.members.len() - 1;
        let needs = |index: usize| {
            let member = MemberId::new(index);
            let imports = self.members[member].module.imports.iter();
            let exporters = imports.filter_map(|import| self.exporter(member, import.module));
            let exporters: HashSet<usize> = exporters.map(|exporter| exporter.index()).collect();
            let needed = self.members[member].dylink().into_iter().flat_map(|dylink| &dylink.needed);
            // Shared libraries may need each other: what they share is there before they are.
            let needed = needed.filter_map(|name| self.needed(name)).map(|member| member.index());
            let mut all: Vec<usize> = exporters.into_iter().collect();
            all.sort_unstable();
            (all, needed.collect::<Vec<_>>())
        };
        let all: Vec<(Vec<usize>, Vec<usize>)> = (0..linked).map(needs).collect();
        let hard = order::sort(linked, |index| all[index].0.clone());
        let hard = hard.map_err(|cycle| {
            let names = cycle.iter().chain(&cycle[..1]);
            let names =
                names.map(|index| format!("`{}`", nearest::shown(self.members[MemberId::new(*index)].name)));
            let names: Vec<String> = names.collect();
            LinkError::Modules(format!(
                "these modules import from each other in a circle, so none can be instantiated first: {}",
                names.join(" -> ")
            ))
        })?;
        let with_needed = order::sort(linked, |index| [&*all[index].0, &*all[index].1].concat());
        let order = with_needed.unwrap_or(hard).into_iter().map(MemberId::new);
        let (libraries, others): (Vec<_>, Vec<_>) =
            order.partition(|member| self.members[*member].dylink().is_some());
        Ok(others.into_iter().chain([self.main]).chain(libraries).collect())
    }

    /// The member that another one needs by this name, which may be a path.
    pub fn needed(&self, name: &str) -> Option<MemberId> {
        let file = name.rsplit('/').next().unwrap_or(name);
        self.by_name.get(name).or_else(|| self.by_name.get(file)).copied()
    }

    /// Binds the imports of a member.
    fn complete(&mut self, member: MemberId) -> Result<(), LinkError> {
        let module = self.members[member].module;
        let mut unknown = Vec::new();
        let mut entities = Vec::with_capacity(module.imports.len());
        for import in &module.imports {
            match self.resolve(member, import)? {
                Some(entity) => entities.push(entity),
                None => {
                    let note = self.note(member, import);
                    unknown.push(UnknownImport { note, ..UnknownImport::new(import) });
                }
            }
        }
        if !unknown.is_empty() {
            return Err(LinkError::Unknown(unknown));
        }
        let id = self.id(member);
        self.builder.complete(id, &entities)?;
        if member != self.main
            && self.members[member].dylink().is_none()
            && let Some(initialize) = self.initialiser(member, "_initialize")?
        {
            self.builder.call_at_instantiation(id, initialize);
        }
        Ok(())
    }

    /// A function of a member that is called without arguments, if it exports it.
    fn initialiser(&self, member: MemberId, name: &str) -> Result<Option<FuncId>, LinkError> {
        let Some(item) = self.members[member].exports.get(name) else { return Ok(None) };
        if let Item::Func(index) = *item
            && let ty = self.members[member].module.function_type(index)
            && ty.params().is_empty()
            && ty.results().is_empty()
            && let Some(Entity::Func(func)) = self.builder.entity(self.id(member), *item)
        {
            return Ok(Some(func));
        }
        Err(LinkError::Modules(format!(
            "the export `{name}` must be a function without parameters and results"
        )))
    }

    /// What an import of a member is bound to.
    fn resolve(&mut self, member: MemberId, import: &'a Import<'a>) -> Result<Option<Entity>, LinkError> {
        if let Some(exporter) = self.exporter(member, import.module)
            && let Some(item) = self.members[exporter].exports.get(import.name)
            && let Some(entity) = self.builder.entity(self.id(exporter), *item)
        {
            self.used.insert(exporter);
            return Ok(Some(entity));
        }
        if let Some(entity) = self.shared_entity(member, import)? {
            return Ok(Some(entity));
        }
        if import.module == ENVIRONMENT
            && let Some(entity) = self.environment(member, import)?
        {
            return Ok(Some(entity));
        }
        if let Some(entity) = self.builder.provided(self.id(member), import)? {
            return Ok(Some(entity));
        }
        let is_weak = |dylink: &Dylink<'_>| dylink.weak.contains(&(import.module, import.name));
        match self.members[member].dylink().is_some_and(is_weak) {
            true => Ok(self.builder.undefined(self.id(member), import)),
            false => Ok(None),
        }
    }

    /// What `env` stands for: the main module, as seen by those that are linked to it; then the shared libraries.
    fn environment(&mut self, member: MemberId, import: &Import<'_>) -> Result<Option<Entity>, LinkError> {
        let libraries = self.members.keys().filter(|library| self.members[*library].dylink().is_some());
        let mut exporters =
            std::iter::once(self.main).chain(libraries).filter(|exporter| *exporter != member);
        let found = exporters.find_map(|exporter| {
            let item = *self.members[exporter].exports.get(import.name)?;
            let is_same_kind = std::mem::discriminant(&item) == std::mem::discriminant(&import.item);
            let entity = self.builder.entity(self.id(exporter), item).filter(|_| is_same_kind)?;
            Some((exporter, item, entity))
        });
        let Some((exporter, item, entity)) = found else { return Ok(None) };
        self.check_wrapper(exporter, item, import.name)?;
        self.used.insert(exporter);
        Ok(Some(entity))
    }

    /// Refuses an export of the main module that starts and ends the program's C library.
    pub fn check_wrapper(&self, exporter: MemberId, item: Item, name: &str) -> Result<(), LinkError> {
        let module = self.members[exporter].module;
        match (self.wrappers, item) {
            (Some(wrappers), Item::Func(func)) if exporter == self.main && wrappers.include(module, func) => {
                Err(LinkError::Modules(format!(
                    "the main module's export `{}` runs all constructors and destructors whenever it is called: \
                     wasm-ld does that to programs whose start-up code doesn't call `__wasm_call_ctors` itself, \
                     as that of newer C libraries does",
                    nearest::shown(name)
                )))
            }
            _ => Ok(()),
        }
    }

    /// What there is in the place of an import that nothing provides.
    fn note(&self, member: MemberId, import: &Import<'_>) -> Option<String> {
        if let Some(note) = self.shared_note(import) {
            return Some(note);
        }
        if let Some(exporter) = self.exporter(member, import.module) {
            let name = nearest::shown(import.module);
            let exports = &self.members[exporter].module.exports;
            let same = |item: Item| std::mem::discriminant(&item) == std::mem::discriminant(&import.item);
            let names = exports.iter().filter(|export| same(export.item)).map(|export| export.name);
            return Some(match nearest::list(import.name, names) {
                Some(names) => format!("`{name}` exports {names}"),
                None => format!("`{name}` exports nothing of that kind"),
            });
        }
        let names = self.by_name.keys().copied();
        nearest::list(import.module, names).map(|names| format!("linked are {names}"))
    }

    /// The calls that initialise shared libraries, when all instances are there.
    fn initialisers(&self, order: &[MemberId]) -> Result<Vec<Call>, LinkError> {
        let libraries = || order.iter().filter(|member| self.members[**member].dylink().is_some());
        // A main module calls its own constructors.
        let relocated = libraries().map(|member| (*member, "__wasm_apply_data_relocs"));
        let constructed =
            libraries().filter(|member| **member != self.main).map(|member| (*member, "__wasm_call_ctors"));
        let mut calls = Vec::new();
        for (member, name) in relocated.chain(constructed) {
            let func = self.initialiser(member, name).map_err(|error| self.in_member(member, error))?;
            calls.extend(func.map(|func| Call {
                func,
                arguments: Vec::new(),
                results: Results::Dropped,
                post_return: None,
            }));
        }
        Ok(calls)
    }

    /// The memory of host functions. If modules have different ones, it is that of the caller.
    fn host_memory(&mut self) -> Option<MemoryId> {
        let instances = || self.members.keys().map(|member| self.builder.instance(self.id(member)));
        let memories: HashSet<MemoryId> = instances().filter_map(|instance| instance.host_memory()).collect();
        let is_host = |func| matches!(self.builder.func_kind(func), FuncKind::Host(_));
        let calls_host = instances().any(|instance| instance.funcs.values().any(|func| is_host(*func)));
        match memories.len() {
            0 | 1 => memories.into_iter().next(),
            _ if calls_host => {
                self.builder.use_memories_of_callers();
                None
            }
            _ => self.builder.instance(self.id(self.main)).host_memory(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let unused = self.members.iter().filter(|(id, _)| *id != self.main && !self.used.contains(id));
        unused
            .map(|(_, member)| {
                format!("nothing imports from the linked module `{}`", nearest::shown(member.name))
            })
            .collect()
    }
}
