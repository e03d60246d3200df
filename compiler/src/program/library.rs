//! What a library gives the program that it is linked into: functions of C, each of which does something with an entity of
//! the program; and what it wants of that program.

use cranelift_entity::PrimaryMap;

use wasm_aot_abi::service::Service;

use super::entity::{EmbedderId, FuncId, GlobalId, InstanceId, MemoryId, TableId};

/// A library.
#[derive(Default)]
pub struct Library {
    /// What is instantiated, in order.
    pub instances: Vec<InstanceId>,
    /// What is called then: functions without parameters and results.
    pub initialize: Vec<FuncId>,
    /// The functions of the interface, in its order.
    pub functions: Vec<InterfaceFunction>,
    /// Whether there can be several instances: then the functions of the interface take one as their first parameter.
    pub many: bool,
}

/// A function of the interface.
pub struct InterfaceFunction {
    /// Its name in C.
    pub symbol: String,
    pub does: Access,
}

/// What a function of the interface does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Calls a function of the program.
    Call(FuncId),
    /// Calls a function of the runtime.
    Runtime(Service),
    /// Returns the address of a memory's first byte.
    MemoryBase(MemoryId),
    /// Returns the size of a memory in bytes.
    MemorySize(MemoryId),
    /// Returns the address of a range of a memory, or null if the range isn't inside.
    MemoryPointer(MemoryId),
    /// Returns the value of a global.
    GlobalGet(GlobalId),
    /// Sets a global.
    GlobalSet(GlobalId),
    /// Returns the number of elements of a table.
    TableSize(TableId),
}

/// The functions that whoever links the library defines, by their names in C.
pub type Embedder = PrimaryMap<EmbedderId, String>;
