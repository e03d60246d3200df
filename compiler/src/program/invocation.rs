//! The call of a component's export that `--invoke` asks for, or by which a server answers a request: what the program does
//! beside what it does for a module. Its data is that of `wasm_aot_abi::wave`, or of `wasm_aot_abi::server`.

use wasm_aot_abi::wave::Kind;

use super::entity::{ComponentId, FuncId};

/// A call of a function that a component exports.
pub struct Invocation {
    /// The core function.
    pub func: FuncId,
    /// `wave::LOWER`, in a server `server::LOWER`, bound to the options of the export.
    pub lower: FuncId,
    /// `wave::PRINT`, bound to the same; none in a server.
    pub print: Option<FuncId>,
    pub post_return: Option<PostReturn>,
    /// None in a server.
    pub values: Option<InvocationValues>,
    /// What is called before and after all this, in what was an asynchronous component.
    pub task: Option<TaskCalls>,
}

/// The functions of the runtime by which a program calls a function in a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskCalls {
    /// The function is lifted synchronously.
    Sync { begin: FuncId, end: FuncId },
    /// The function has a callback: `wait` takes what it returns, and runs the task until it has a result. This is
    /// delivered, so nothing prints it.
    Async { begin: FuncId, wait: FuncId },
}

impl TaskCalls {
    /// Both functions.
    pub fn functions(self) -> [FuncId; 2] {
        match self {
            TaskCalls::Sync { begin, end } => [begin, end],
            TaskCalls::Async { begin, wait } => [begin, wait],
        }
    }
}

/// What is called with the results of a function that a component lifts, when they have been read: `post-return`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostReturn {
    pub func: FuncId,
    /// The component instance, which may not call out meanwhile.
    pub instance: ComponentId,
}

/// The arguments and the type of the result.
pub struct InvocationValues {
    /// The core arguments, 8 bytes each.
    pub arguments: Block,
    /// Types; a type's parts stand before it, and the type of the result at the end.
    pub types: Vec<ValueType>,
    /// Whether the core result is the value itself, and not its address.
    pub is_flat: bool,
}

/// Bytes for the callee's memory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub bytes: Vec<u8>,
    pub alignment: u32,
    /// The blocks whose addresses are in the bytes, with the offsets of these addresses.
    pub links: Vec<(usize, Block)>,
}

/// A type of values.
pub struct ValueType {
    pub kind: Kind,
    /// In memory, in bytes.
    pub size: u32,
    pub alignment: u32,
    /// For variants: where the payload is.
    pub payload: u32,
    pub parts: Vec<Part>,
}

/// A field, an element, a case or a flag.
pub struct Part {
    pub name: String,
    /// The index of its type.
    pub ty: Option<usize>,
    /// Whether it is a field that is left out if it is `none`.
    pub is_optional: bool,
}
