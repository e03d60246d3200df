//! What compiled code and data refer to: the symbols of the program.

use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::service::Service;

use crate::parse::{DataIndex, ElementIndex};
use crate::program::{
    CalleeId, CanonicalId, ComponentId, EndsId, FuncId, InstanceId, LiftId, MemoryId, ResourceId, TableId,
    TypeId,
};

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// Code of a function: compiled, or in the runtime.
    Func(FuncId),
    /// A host function, in a program where `Func` is code that traces its calls.
    Host(FuncId),
    /// The parameters of a host function, as text: see `Hosts::trace_text`.
    TraceText(FuncId),
    /// Code with the tail-call convention that calls a host function.
    Trampoline(FuncId),
    /// Code with the calling convention of the runtime that calls a function of the program.
    Entry(FuncId),
    /// Such code, of a function whose parameters and results are in memory: `wasm_aot_abi::concurrent::Spilled`.
    SpilledEntry(FuncId),
    /// `wasm_aot_abi::component::Canonical`.
    CanonicalOptions(CanonicalId),
    /// `wasm_aot_abi::component::ComponentInstance`.
    ComponentInstance(ComponentId),
    /// `wasm_aot_abi::concurrent::TaskInstance`.
    TaskInstance(ComponentId),
    /// An array of `wasm_aot_abi::concurrent::EndType`.
    EndTypes(EndsId),
    /// The addresses of all `wasm_aot_abi::concurrent::TaskInstance`, by the numbers that adapters use.
    TaskInstances,
    /// `wasm_aot_abi::concurrent::Callee`.
    Callee(CalleeId),
    /// The ends of streams or of futures, by the numbers that adapters use: `wasm_aot_abi::concurrent::EndTable`.
    EndTables { is_future: bool },
    /// `wasm_aot_abi::concurrent::Lift`.
    Lift(LiftId),
    /// `wasm_aot_abi::component::ResourceType`.
    ResourceType(ResourceId),
    /// The resource tables, by the numbers that adapters use: `wasm_aot_abi::component::ResourceTable`.
    ResourceTables,
    /// A function of the runtime that isn't a Wasm import.
    Builtin(Builtin),
    /// The written globals, see `Layout::global_offset`.
    Globals,
    /// `wasm_aot_abi::layout::Memory`.
    Memory(MemoryId),
    /// `wasm_aot_abi::layout::Memory`: the memory of the caller of a host function, in a program in which they differ.
    CallersMemory,
    /// `wasm_aot_abi::layout::Table`, for the layout `References`.
    Table(TableId),
    /// The pairs of a table, for the layout `Pairs`.
    TablePairs(TableId),
    /// The initial elements of a sparse table: pairs of index and reference.
    SparseElements(TableId),
    /// Code pointers of a table for one signature, for the layout `CodeArrays`.
    TableCode(TableId, TypeId),
    /// `wasm_aot_abi::layout::FuncRef` of a function.
    FuncRef(FuncId),
    /// Bytes of a data segment that is used at run time.
    Data(InstanceId, DataIndex),
    /// References of an element segment that is used at run time.
    Elements(InstanceId, ElementIndex),
    /// Current lengths of the segments that can be dropped, 8 bytes each: see `Segments::data_length`.
    SegmentLengths,
    /// What is left of the fuel: 8 bytes.
    Fuel,
    /// `wasm_aot_abi::gc::Allocation`.
    Allocation,
    /// Code that traps with `Trap::UninitializedElement`.
    UninitializedStub,
    /// Code that traps with `Trap::IndirectCallTypeMismatch`.
    MismatchStub,
    /// The function that runs the program; in a library, the one that instantiates it.
    Main,
    /// The function that runs a further thread.
    ThreadMain,
    /// Initial contents of a thread's state, see `ThreadLayout`.
    ThreadState,
    /// A command of a script.
    Command(u32),
    /// A function of a library's interface, by its index.
    Interface(u32),
    /// What a function of a library's interface has called on behalf of an instance.
    InterfaceBody(u32),
    /// A function of the runtime that the interface of a library calls.
    Service(Service),
    /// The state of the only instance of a library, see `StateLayout`.
    State,
    /// Initial contents of the state of each instance of a library.
    StateTemplate,
}
