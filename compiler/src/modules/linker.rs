//! What is known of modules while they are linked.

use std::collections::{HashMap, HashSet};

use cranelift_entity::{PrimaryMap, SecondaryMap, entity_impl, packed_option::PackedOption};

use super::command::Wrappers;
use super::{Modules, nearest};
use crate::escape::escape;
use crate::parse::{Dylink, Item, Module};
use crate::program::{Builder, Entity, FuncId, GlobalId, InstanceId, LinkError, TableId, starts_threads};

/// The module name of the imports that libraries and main module share.
pub const ENVIRONMENT: &str = "env";

/// A module of the program: the linked ones as they were given, then the main one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(u32);
entity_impl!(MemberId, "member");

/// A module of the program.
pub struct Member<'a> {
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

/// Modules that are being linked.
pub struct Linker<'a> {
    pub builder: Builder<'a>,
    pub members: PrimaryMap<MemberId, Member<'a>>,
    pub main: MemberId,
    pub by_name: HashMap<&'a str, MemberId>,
    /// The instances, once they are declared.
    pub ids: SecondaryMap<MemberId, PackedOption<InstanceId>>,
    /// What shared libraries have in common, if there are any.
    pub shared: Option<Shared<'a>>,
    /// What wraps the main module's exports, if anything does.
    pub wrappers: Option<Wrappers>,
    /// The members from which others import something.
    pub used: HashSet<MemberId>,
}

/// What shared libraries have in common.
pub struct Shared<'a> {
    /// None if the main module doesn't export it.
    pub table: Option<TableId>,
    /// Where the parts of members begin: addresses, and indices of elements.
    pub bases: HashMap<MemberId, Base>,
    /// What is made for a position-independent main module.
    pub made: HashMap<&'static str, Entity>,
    /// Addresses that the linker defines.
    pub addresses: HashMap<&'static str, u64>,
    /// The globals that hold bases and addresses.
    pub globals: HashMap<(MemberId, &'a str, &'a str), GlobalId>,
    /// The indices of functions in the table, once any is asked for.
    pub elements: Option<HashMap<FuncId, u64>>,
    /// The first element of the table that isn't taken.
    pub next_element: u64,
    pub tags: HashMap<&'a str, Entity>,
}

/// Where the part of a member begins.
#[derive(Clone, Copy, Default)]
pub struct Base {
    pub memory: u64,
    pub table: u64,
}

impl<'a> Linker<'a> {
    pub fn new(modules: &'a Modules<'a>, builder: Builder<'a>) -> Result<Linker<'a>, LinkError> {
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
        if let Some(reason) = modules.all().find_map(|module| module.dylink.as_ref()?.as_ref().err()) {
            return Err(LinkError::Modules(format!("a section `dylink.0` is damaged: {reason}")));
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
    pub fn in_member(&self, member: MemberId, error: LinkError) -> LinkError {
        match error {
            error if member == self.main => error,
            error => LinkError::In(self.members[member].name.to_owned(), Box::new(error)),
        }
    }

    /// The module of this name, for an import of a member. A module that has the name of one from which it imports doesn't
    /// import from itself, but from the host that it stands before.
    pub fn exporter(&self, member: MemberId, name: &str) -> Option<MemberId> {
        self.by_name.get(name).copied().filter(|exporter| *exporter != member)
    }

    /// The member that another one needs by this name, which may be a path.
    pub fn needed(&self, name: &str) -> Option<MemberId> {
        let file = name.rsplit('/').next().unwrap_or(name);
        self.by_name.get(name).or_else(|| self.by_name.get(file)).copied()
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
}
