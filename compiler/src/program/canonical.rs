//! What a program that was a component has beside its instances: functions of the runtime that the canonical ABI binds to
//! constants, and what these constants stand for. Names are those of the canonical ABI (`CanonicalABI.md`).

use std::collections::HashSet;

use cranelift_entity::PrimaryMap;
use wasm_aot_abi::canonical::CanonicalBuiltin;
use wasm_aot_abi::host::Variant;
use wasm_aot_abi::wasi2::{self, ResourceKind, Symbol};

use super::entity::{BoundId, CanonicalId, ComponentId, FuncId, GlobalId, InstanceId, MemoryId, ResourceId};

/// The parts of a program that modules don't have.
#[derive(Default)]
pub struct CanonicalParts {
    pub components: PrimaryMap<ComponentId, ComponentInstance>,
    pub options: PrimaryMap<CanonicalId, CanonicalOptions>,
    pub resources: PrimaryMap<ResourceId, ResourceType>,
    pub bound: PrimaryMap<BoundId, BoundFunc>,
    /// The instances of the adapters between components.
    pub adapters: HashSet<InstanceId>,
    /// What adapters call while the callee may not call out: `realloc`.
    pub locked: Vec<FuncId>,
    /// The resource tables of components, by the numbers that adapters use, as far as there are any.
    pub tables: Vec<Option<ResourceTable>>,
}

/// A component instance.
pub struct ComponentInstance {
    /// The core global that is 1 while it may call out, otherwise 0.
    pub may_leave: GlobalId,
}

/// How a component instance wants to be answered by a function that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanonicalOptions {
    pub memory: Option<MemoryId>,
    pub realloc: Option<FuncId>,
    pub instance: ComponentId,
    pub encoding: Encoding,
}

/// An encoding of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Latin1Utf16,
}

/// A kind of resource: the host's, or one that a component instance defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Its number in handle tables.
    pub kind: u32,
    /// The instance that defines it; none for the host's.
    pub instance: Option<ComponentId>,
    pub destructor: Option<FuncId>,
}

/// The handles of one kind of resource in a component instance.
pub struct ResourceTable {
    pub resource: ResourceId,
    pub instance: ComponentId,
}

/// A function of the runtime that gets constants after the parameters of its core function.
pub struct BoundFunc {
    pub function: RuntimeFunc,
    pub constants: Vec<Constant>,
    /// What a traced program shows of calls, see `wasm_aot_abi::trace`; none if it shows nothing.
    pub trace: Option<String>,
}

/// A function of the runtime that gets constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeFunc {
    Builtin(CanonicalBuiltin),
    /// A function of this interface.
    Host(&'static str, &'static wasi2::Function),
    /// Drops a resource of the host.
    Drop(ResourceKind),
    /// Lowers the arguments or prints the result of an [`super::Invocation`]: one of the symbols of `wave`, or
    /// `server::LOWER`.
    Wave(&'static str),
}

impl RuntimeFunc {
    /// The interface of WASI that it belongs to, without the version.
    pub fn interface(self) -> Option<&'static str> {
        match self {
            RuntimeFunc::Builtin(_) | RuntimeFunc::Wave(_) => None,
            RuntimeFunc::Host(interface, _) => Some(interface),
            RuntimeFunc::Drop(kind) => Some(kind.interface()),
        }
    }

    /// Its symbol in a program to which these variants apply.
    pub fn symbol(self, applies: impl Fn(Variant) -> bool) -> String {
        match self {
            RuntimeFunc::Builtin(builtin) => builtin.symbol().to_owned(),
            RuntimeFunc::Wave(symbol) => symbol.to_owned(),
            RuntimeFunc::Host(interface, function) => {
                Symbol { interface, function: function.name, variant: function.variant(applies) }.to_string()
            }
            RuntimeFunc::Drop(kind) => {
                let mut symbol = String::new();
                kind.drop_symbol(&mut symbol).expect("strings grow");
                symbol
            }
        }
    }
}

/// What a function of the runtime is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    Options(CanonicalId),
    Instance(ComponentId),
    Resource(ResourceId),
    Memory(MemoryId),
    /// The array of all resource tables.
    Tables,
}

impl CanonicalParts {
    /// The function of a component that a function of the runtime may call because it is bound to this constant.
    pub fn called(&self, constant: Constant) -> Option<FuncId> {
        match constant {
            Constant::Options(options) => self.options[options].realloc,
            Constant::Resource(resource) => self.resources[resource].destructor,
            _ => None,
        }
    }
}
