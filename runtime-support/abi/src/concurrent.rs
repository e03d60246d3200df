//! Asynchronous components: what compiled code passes to the functions of the runtime that schedule tasks. Names are those
//! of the canonical ABI (component-model, `CanonicalABI.md`).

use crate::component::ComponentInstance;
use crate::layout::Memory;
use crate::shared::shared;

/// The code of a `callback`: it gets an event, and says what the task waits for, see [`CallbackCode`].
pub type Callback = extern "C" fn(event: u32, waitable: u32, payload: u32) -> u32;

shared! {
    /// What the tasks of a component instance share. The compiler initialises it, the runtime changes it.
    pub struct TaskInstance<P> {
        pub instance: P::Mut<ComponentInstance<P>>,
        /// Whether the running task may wait: 1 or 0, a core global of compiled code, one for the program.
        pub may_block: P::Mut<u32>,
        /// `backpressure.inc` minus `backpressure.dec`.
        pub backpressure: u64,
        /// Whether a task of the instance runs that excludes others: 1 or 0.
        pub exclusive: u64,
    }

    /// How a function of a component instance is lifted; of `task.return`, how it lifts results. Constant.
    pub struct Lift<P> {
        pub tasks: P::Mut<TaskInstance<P>>,
        /// Null if the function is lifted synchronously, and for `task.return`.
        pub callback: Option<P::Code<Callback>>,
        /// The memory of the options, or null.
        pub memory: P::Mut<Memory<P>>,
        /// The encoding of strings, as in [`crate::component::Canonical`].
        pub encoding: u64,
        /// The number of the tuple of types of the results.
        pub results: u64,
        /// How many core values the results are with which `task.return` is called; 0 for functions.
        pub values: u64,
        /// Whether the type of the function is asynchronous, so that its task may wait: 1 or 0.
        pub may_block: u64,
        /// What gets the first core value that `task.return` was given, or 0, when the program has called the function; null
        /// if it is called by a component.
        pub deliver: Option<P::Code<extern "C" fn(result: u64)>>,
    }
}

/// The code of a function of the program whose parameters and results are in memory, at the same place: in 8 bytes each,
/// narrow ones extended by zeroes.
pub type Spilled = extern "C" fn(values: *mut u64);

shared! {
    /// What a function that adapters call asynchronously, or that is lifted so, has beside what adapters say. Constant.
    pub struct Callee<P> {
        /// When a call is prepared: the memory of the options, or null.
        pub memory: P::Mut<Memory<P>>,
        /// When a call is started: null if the function is lifted synchronously.
        pub callback: Option<P::Code<Callback>>,
        /// When a call is started, or null.
        pub post_return: Option<P::Code<Spilled>>,
        /// When a call is prepared: how many core values the caller passes.
        pub values: u64,
    }

    /// The ends of streams or of futures of one type in one component instance, as adapters tell them apart. Constant.
    pub struct EndTable<P> {
        pub ty: P::Const<EndType>,
        pub instance: P::Mut<ComponentInstance<P>>,
    }
}

shared! {
    /// A type of streams or futures, as a component instance knows it. Constant.
    pub struct EndType {
        /// The number of handles of readable ends, see [`kind`]; that of writable ends is the next one.
        pub kind: u64,
        /// Of an element in memory, in bytes.
        pub size: u64,
        pub alignment: u64,
        /// What elements are: an [`Elements`].
        pub elements: u64,
        /// Whether it is a future: 1 or 0.
        pub is_future: u64,
    }
}

/// What the elements of streams and futures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Elements {
    /// Numbers, or nothing at all. Only these can be passed within an instance.
    Numbers = 0,
    /// Records and tuples of numbers, of which any bytes are valid ones.
    Plain = 1,
    /// Others.
    Other = 2,
}

/// What a core function that is lifted with a callback returns, and the callback: one of these in the low [`CODE_BITS`],
/// and above them the handle of a waitable set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CallbackCode {
    Exit = 0,
    Yield = 1,
    Wait = 2,
}

/// How many bits a [`CallbackCode`] has in what a callback returns, and a [`SubtaskState`] in what a call returns.
pub const CODE_BITS: u32 = 4;

/// What happened, as a callback and `waitable-set.wait` say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum EventCode {
    None = 0,
    Subtask = 1,
    StreamRead = 2,
    StreamWrite = 3,
    FutureRead = 4,
    FutureWrite = 5,
    TaskCancelled = 6,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SubtaskState {
    /// The callee doesn't take calls for the moment.
    Starting = 0,
    Started = 1,
    Returned = 2,
    CancelledBeforeStarted = 3,
    CancelledBeforeReturned = 4,
}

/// How a copy to or from a stream or a future has ended: in the low [`CODE_BITS`], and for streams above them how many
/// elements were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CopyResult {
    Completed = 0,
    /// The other end has been dropped.
    Dropped = 1,
    Cancelled = 2,
}

/// The largest number of elements that are copied at once.
pub const MAX_COPY: u32 = (1 << 28) - 1;

/// What a built-in returns whose outcome is an event, later.
pub const BLOCKED: u32 = u32::MAX;

/// The largest value of the counter `backpressure`.
pub const MAX_BACKPRESSURE: u64 = (1 << 16) - 1;

/// The kinds of handles that aren't resources, beside [`crate::wasi2::ResourceKind`] and the resources of components.
pub mod kind {
    use crate::wasi2::ResourceKind;

    pub const WAITABLE_SET: u32 = ResourceKind::FIRST_OF_PROGRAM - 3;
    pub const SUBTASK: u32 = ResourceKind::FIRST_OF_PROGRAM - 2;
    /// The first of the ends of streams and futures, beyond all resources.
    pub const FIRST_END: u32 = 1 << 30;
}
