//! What a program that was a component has beside its instances: functions of the runtime that the canonical ABI binds to
//! constants, and what these constants stand for. Names are those of the canonical ABI (`CanonicalABI.md`).

use std::collections::HashSet;

use cranelift_entity::PrimaryMap;
use wasm_aot_abi::canonical::{self, CanonicalBuiltin};
use wasm_aot_abi::concurrent::Elements;
use wasm_aot_abi::host::Variant;
use wasm_aot_abi::wasi2::{self, ResourceKind, Symbol};
use wasm_aot_abi::wasi3;

use super::entity::{
    BoundId, CalleeId, CanonicalId, ComponentId, EndsId, FuncId, GlobalId, InstanceId, LiftId, MemoryId,
    ResourceId,
};

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
    /// How functions are lifted, in what was an asynchronous component.
    pub lifts: PrimaryMap<LiftId, Lift>,
    /// What adapters call asynchronously.
    pub callees: PrimaryMap<CalleeId, Callee>,
    /// The ends of streams, and those of futures, by the numbers that adapters use, as far as there are any.
    pub end_tables: [Vec<EndTable>; 2],
    /// Types of streams and futures that functions of the runtime are bound to, there.
    pub ends: PrimaryMap<EndsId, Vec<EndType>>,
    /// The core global that says whether the task that runs may wait, there.
    pub may_block: Option<GlobalId>,
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

/// How a function of a component instance is lifted; of `task.return`, how it lifts results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lift {
    pub instance: ComponentId,
    pub callback: Option<FuncId>,
    pub memory: Option<MemoryId>,
    pub encoding: Encoding,
    /// The number of the tuple of types of the results.
    pub results: u32,
    /// How many core values the results are, for `task.return`.
    pub values: u32,
    /// Whether the task of the function may wait.
    pub may_block: bool,
    /// What gets the result, if the program calls the function.
    pub deliver: Option<FuncId>,
}

/// What a function that adapters call asynchronously has beside what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callee {
    pub memory: Option<MemoryId>,
    pub callback: Option<FuncId>,
    pub post_return: Option<FuncId>,
    /// How many core values the caller passes.
    pub values: u32,
}

/// The ends of one type in a component instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTable {
    /// An array of one.
    pub ty: EndsId,
    pub instance: ComponentId,
}

/// A type of streams or futures, as a component instance knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndType {
    /// The number of handles of readable ends.
    pub kind: u32,
    /// Of an element, in bytes.
    pub size: u32,
    pub alignment: u32,
    pub elements: Elements,
    pub is_future: bool,
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
    /// A function of this interface of WASI 0.3 that isn't one of 0.2.
    Host3 {
        interface: &'static str,
        function: &'static wasi3::Function,
        is_lowered_async: bool,
    },
    /// `task.return`, which takes the address of the parameters of its core function.
    TaskReturn,
    /// A step of a call that adapters make asynchronously, which takes the address, too.
    Call(AdapterCall),
    /// Drops a resource of the host.
    Drop(ResourceKind),
    /// Lowers the arguments or prints the result of an [`super::Invocation`]: one of the symbols of `wave`, or
    /// `server::LOWER`.
    Wave(&'static str),
}

/// A step of a call: see `wasm_aot_abi::canonical::AdapterCall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterCall {
    Prepare,
    StartSync,
    StartAsync,
}

impl RuntimeFunc {
    /// Whether it takes the address of the parameters of its core function, instead of them.
    pub fn takes_address(self) -> bool {
        matches!(self, RuntimeFunc::TaskReturn | RuntimeFunc::Call(_))
    }

    /// Whether the result of its core function is at that address.
    pub fn returns_at_address(self) -> bool {
        self == RuntimeFunc::Call(AdapterCall::StartSync)
    }

    /// The interface of WASI that it belongs to, without the version.
    pub fn interface(self) -> Option<&'static str> {
        match self {
            RuntimeFunc::Builtin(_)
            | RuntimeFunc::Wave(_)
            | RuntimeFunc::TaskReturn
            | RuntimeFunc::Call(_) => None,
            RuntimeFunc::Host(interface, _) | RuntimeFunc::Host3 { interface, .. } => Some(interface),
            RuntimeFunc::Drop(kind) => Some(kind.interface()),
        }
    }

    /// Its symbol in a program to which these variants apply.
    pub fn symbol(self, applies: impl Fn(Variant) -> bool) -> String {
        match self {
            RuntimeFunc::Builtin(builtin) => builtin.symbol().to_owned(),
            RuntimeFunc::Wave(symbol) => symbol.to_owned(),
            RuntimeFunc::TaskReturn => canonical::TASK_RETURN.to_owned(),
            RuntimeFunc::Call(AdapterCall::Prepare) => canonical::PREPARE_CALL.to_owned(),
            RuntimeFunc::Call(AdapterCall::StartSync) => canonical::START_CALL_SYNC.to_owned(),
            RuntimeFunc::Call(AdapterCall::StartAsync) => canonical::START_CALL_ASYNC.to_owned(),
            RuntimeFunc::Host3 { interface, function, is_lowered_async } => {
                wasi3::Symbol { interface, function: function.name, is_lowered_async }.to_string()
            }
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
    /// The instance, with what its tasks share.
    Tasks(ComponentId),
    Lift(LiftId),
    Callee(CalleeId),
    /// The array of all tables of ends of streams, or of futures.
    EndTables {
        is_future: bool,
    },
    /// An array.
    Ends(EndsId),
    /// The array of all component instances, with what their tasks share.
    Instances,
    Resource(ResourceId),
    Memory(MemoryId),
    /// The array of all resource tables.
    Tables,
}

impl CanonicalParts {
    /// The functions of a component that a function of the runtime may call because it is bound to this constant.
    pub fn called(&self, constant: Constant) -> impl Iterator<Item = FuncId> {
        let functions = match constant {
            Constant::Options(options) => [self.options[options].realloc, None],
            Constant::Resource(resource) => [self.resources[resource].destructor, None],
            Constant::Lift(lift) => [self.lifts[lift].callback, self.lifts[lift].deliver],
            Constant::Callee(callee) => [self.callees[callee].callback, None],
            _ => [None; 2],
        };
        functions.into_iter().flatten()
    }
}
