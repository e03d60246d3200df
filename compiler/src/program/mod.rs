//! Makes a closed-world [`Program`] of modules: which instances there are and what every import is bound to. Built
//! once, then borrowed read-only by all later stages.

mod canonical;
mod component;
mod declare;
mod declared;
mod describe;
mod entity;
mod error;
mod evaluate;
mod forward;
mod host;
mod initialise;
mod instantiate;
mod invocation;
mod library;
mod memory;
mod model;
mod table;
mod threads;
mod types;
mod value;

pub use canonical::{
    AdapterCall, BoundFunc, Callee, CanonicalOptions, CanonicalParts, ComponentInstance, Constant, Encoding,
    EndTable, EndType, Lift, ResourceTable, ResourceType, RuntimeFunc,
};
pub use describe::{describe, describe_item, describe_list};
pub use entity::{
    BoundId, CalleeId, CanonicalId, ComponentId, EmbedderId, EndsId, FuncId, GlobalId, InstanceId, LiftId,
    MemoryId, ResourceId, TableId, TagId, TypeId,
};
pub use error::{LinkError, UnknownImport};
pub use forward::follow;
pub use host::{HostFunction, is_host_function};
pub use initialise::element_values;
pub use instantiate::Builder;
pub use invocation::{Block, Invocation, InvocationValues, Part, PostReturn, TaskCalls, ValueType};
pub use library::{Access, Embedder, InterfaceFunction, Library};
pub use memory::{MAXIMUM_64, MemoryPlan, SPACE_32};
pub use model::{
    Call, Command, Entity, Func, FuncKind, GlobalPlan, InitStep, Instance, Main, Program, Results,
};
pub use table::TablePlan;
pub use threads::{provides_memory, starts_threads};
pub use types::{
    Hierarchy, Types, canonical, canonical_heap, canonical_ref, is_exception_reference, named_type,
};
pub use value::Value;
