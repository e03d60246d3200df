//! The canonical built-ins (component-model, `CanonicalABI.md`) that are functions of the runtime, and those that the
//! adapters between components import: one table of names, symbols and types. The compiler makes its calls from it, and
//! the runtime asserts that its functions have these types (`for_each_canonical_builtin`).
//!
//! Adapters tell types and instances by numbers, which compiled code passes as they are: resource tables by their
//! places in an array.

use crate::component::{Canonical, ComponentInstance, ResourceTable, ResourceType};
use crate::concurrent::{Callee, EndTable, EndType, Lift, TaskInstance};
use crate::layout::Memory;

/// A core result of 64 bits: a readable end in the low half, and a writable end in the high half.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Ends(pub u64);

/// Two core results of 32 bits each: the first is in the low half.
pub type Pair = u64;

/// `task.return`, whose core function has parameters of any type: they are at `values`, in 8 bytes each, narrow ones
/// extended by zeroes. `lift` says how it lifts them.
pub type TaskReturn = unsafe extern "C" fn(values: *const u64, lift: *const Lift);

/// The symbol of the [`TaskReturn`].
pub const TASK_RETURN: &str = "wasm_aot_component_task_return";

/// The functions of the runtime by which adapters call asynchronously: the core parameters are at `values`, in 8 bytes each,
/// narrow ones extended by zeroes. Those of `prepare-call` are the codes of two functions ([`crate::concurrent::Spilled`]) that
/// copy parameters and results, five numbers (caller, callee, type of the results, whether the callee's type is asynchronous,
/// encoding), the number of results or [`ASYNC_WITHOUT_RESULT`] or [`ASYNC_WITH_RESULT`], and what the caller passes. Those of
/// `start-call`, which follows, are the code of the callee, the number of its parameters, and for asynchronous calls that of
/// its results, and flags. An asynchronous call returns a state of a subtask; the result of a synchronous one replaces the
/// first parameter.
pub type AdapterCall =
    unsafe extern "C" fn(values: *mut u64, callee: *const Callee, instances: *const *mut TaskInstance) -> u32;

/// The symbols of the [`AdapterCall`]s.
pub const PREPARE_CALL: &str = "wasm_aot_component_prepare_call";
pub const START_CALL_SYNC: &str = "wasm_aot_component_start_call_sync";
pub const START_CALL_ASYNC: &str = "wasm_aot_component_start_call_async";

/// Of an asynchronous call that has no result.
pub const ASYNC_WITHOUT_RESULT: u32 = u32::MAX;

/// Of an asynchronous call whose last parameter says where the result goes.
pub const ASYNC_WITH_RESULT: u32 = u32::MAX - 1;

/// Calls a macro with the table.
///
/// An entry is `Name: symbol(parameters; constants) -> result;`. The parameters are those of the core function, all of
/// them `i32`. The constants follow, and are known when a call is compiled. The result is `u32`, or [`Pair`], or
/// nothing, as that of the core function.
///
/// Transcoders take the memory of the source and that of the destination. Their strings are in code units, of one byte
/// in UTF-8 and Latin-1 and two in UTF-16.
#[macro_export]
macro_rules! for_each_canonical_builtin {
    ($with:ident) => {
        $with! {
            /// `resource.new`: gives `instance`, which defines the type, an own handle.
            ResourceNew: wasm_aot_component_resource_new(
                representation: u32; ty: *const ResourceType, instance: *mut ComponentInstance) -> u32;
            /// `resource.rep`: what a handle of `instance` stands for.
            ResourceRep: wasm_aot_component_resource_rep(
                handle: u32; ty: *const ResourceType, instance: *mut ComponentInstance) -> u32;
            /// `resource.drop` of a type that a component defines, by `instance`: calls the destructor.
            ResourceDrop: wasm_aot_component_resource_drop(
                handle: u32; ty: *const ResourceType, instance: *mut ComponentInstance);
            /// Moves an own handle from one resource table to another. Returns the new handle.
            ResourceTransferOwn: wasm_aot_component_resource_transfer_own(
                handle: u32, source: u32, destination: u32; tables: *const ResourceTable) -> u32;
            /// Lends a handle of one resource table to another, until the current call ends. Returns the new handle; if the
            /// destination's instance defines the type, the representation.
            ResourceTransferBorrow: wasm_aot_component_resource_transfer_borrow(
                handle: u32, source: u32, destination: u32; tables: *const ResourceTable) -> u32;
            /// Begins a call in which handles are lent: before its parameters are passed. `caller` and `callee` are numbers
            /// of component instances.
            EnterSyncCall: wasm_aot_component_enter_sync_call(caller: u32, callee_is_async: u32, callee: u32;);
            /// Ends the last call that began: before its results are passed.
            ExitSyncCall: wasm_aot_component_exit_sync_call(;);
            /// Begins the task of a function that the program calls.
            TaskBegin: wasm_aot_component_task_begin(; lift: *const Lift);
            /// Ends the task of a function that was lifted synchronously.
            TaskEnd: wasm_aot_component_task_end(;);
            /// Begins a task in an asynchronous component, as `EnterSyncCall` begins a call.
            EnterSyncTask: wasm_aot_component_enter_sync_task(
                caller: u32, callee_is_async: u32, callee: u32; instances: *const *mut TaskInstance);
            /// Ends the task that `EnterSyncTask` has begun, as `ExitSyncCall` ends a call.
            ExitSyncTask: wasm_aot_component_exit_sync_task(;);
            /// `resource.drop` in an asynchronous component. `tasks` is the instance that defines the type.
            ResourceDropTask: wasm_aot_component_resource_drop_task(
                handle: u32; ty: *const ResourceType, instance: *mut ComponentInstance, tasks: *mut TaskInstance);
            /// Runs a task whose core function returned this, and others, until it has called `task.return`. Returns the
            /// first core value with which it did, if that has 32 bits.
            TaskAwait: wasm_aot_component_task_await(code: u32;) -> u32;
            /// `task.cancel`.
            TaskCancel: wasm_aot_component_task_cancel(; tasks: *mut TaskInstance);
            /// `context.get` of the first slot.
            ContextGetFirst: wasm_aot_component_context_get_first(;) -> u32;
            /// `context.set` of the first slot.
            ContextSetFirst: wasm_aot_component_context_set_first(value: u32;);
            /// `context.get` of the second slot.
            ContextGetSecond: wasm_aot_component_context_get_second(;) -> u32;
            /// `context.set` of the second slot.
            ContextSetSecond: wasm_aot_component_context_set_second(value: u32;);
            /// `backpressure.inc`.
            BackpressureInc: wasm_aot_component_backpressure_inc(; tasks: *mut TaskInstance);
            /// `backpressure.dec`.
            BackpressureDec: wasm_aot_component_backpressure_dec(; tasks: *mut TaskInstance);
            /// `thread.yield`: lets others run. Returns 0.
            ThreadYield: wasm_aot_component_thread_yield(; tasks: *mut TaskInstance) -> u32;
            /// `waitable-set.new`.
            WaitableSetNew: wasm_aot_component_waitable_set_new(; tasks: *mut TaskInstance) -> u32;
            /// `waitable-set.wait`: waits for an event, and puts the waitable and the payload at `pointer`. Returns the code.
            WaitableSetWait: wasm_aot_component_waitable_set_wait(
                set: u32, pointer: u32; options: *const Canonical) -> u32;
            /// `waitable-set.poll`: the same without waiting.
            WaitableSetPoll: wasm_aot_component_waitable_set_poll(
                set: u32, pointer: u32; options: *const Canonical) -> u32;
            /// `waitable-set.drop`.
            WaitableSetDrop: wasm_aot_component_waitable_set_drop(set: u32; tasks: *mut TaskInstance);
            /// `waitable.join`: of no set if that is 0.
            WaitableJoin: wasm_aot_component_waitable_join(waitable: u32, set: u32; tasks: *mut TaskInstance);
            /// `subtask.drop`.
            SubtaskDrop: wasm_aot_component_subtask_drop(handle: u32; tasks: *mut TaskInstance);
            /// `subtask.cancel`.
            SubtaskCancel: wasm_aot_component_subtask_cancel(handle: u32; tasks: *mut TaskInstance) -> u32;
            /// `stream.new` and `future.new`.
            EndsNew: wasm_aot_component_ends_new(; tasks: *mut TaskInstance, end: *const EndType) -> Ends;
            /// `stream.read`.
            StreamRead: wasm_aot_component_stream_read(
                handle: u32, pointer: u32, count: u32; options: *const Canonical, end: *const EndType) -> u32;
            /// `stream.write`.
            StreamWrite: wasm_aot_component_stream_write(
                handle: u32, pointer: u32, count: u32; options: *const Canonical, end: *const EndType) -> u32;
            /// `future.read`.
            FutureRead: wasm_aot_component_future_read(
                handle: u32, pointer: u32; options: *const Canonical, end: *const EndType) -> u32;
            /// `future.write`.
            FutureWrite: wasm_aot_component_future_write(
                handle: u32, pointer: u32; options: *const Canonical, end: *const EndType) -> u32;
            /// `stream.cancel-read` and `future.cancel-read`.
            EndCancelRead: wasm_aot_component_end_cancel_read(
                handle: u32; tasks: *mut TaskInstance, end: *const EndType) -> u32;
            /// `stream.cancel-write` and `future.cancel-write`.
            EndCancelWrite: wasm_aot_component_end_cancel_write(
                handle: u32; tasks: *mut TaskInstance, end: *const EndType) -> u32;
            /// `stream.drop-readable` and `future.drop-readable`.
            EndDropReadable: wasm_aot_component_end_drop_readable(
                handle: u32; tasks: *mut TaskInstance, end: *const EndType);
            /// `stream.drop-writable` and `future.drop-writable`.
            EndDropWritable: wasm_aot_component_end_drop_writable(
                handle: u32; tasks: *mut TaskInstance, end: *const EndType);
            /// Moves a readable end of a stream or a future from one instance to another. Returns the new handle.
            EndTransfer: wasm_aot_component_end_transfer(
                handle: u32, source: u32, destination: u32; tables: *const EndTable) -> u32;
            /// Copies UTF-8.
            TranscodeCopyUtf8: wasm_aot_component_transcode_copy_utf8(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory);
            /// Copies UTF-16.
            TranscodeCopyUtf16: wasm_aot_component_transcode_copy_utf16(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory);
            /// Copies Latin-1.
            TranscodeCopyLatin1: wasm_aot_component_transcode_copy_latin1(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory);
            /// Latin-1 to as many units of UTF-16.
            TranscodeLatin1ToUtf16: wasm_aot_component_transcode_latin1_to_utf16(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory);
            /// UTF-8 to at most as many units of UTF-16. Returns how many.
            TranscodeUtf8ToUtf16: wasm_aot_component_transcode_utf8_to_utf16(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory) -> u32;
            /// UTF-16 to UTF-8, as far as it fits into `capacity` bytes, and if `only_ascii` isn't 0, up to the first
            /// character beyond ASCII. Returns how many units have been read, and written.
            TranscodeUtf16ToUtf8: wasm_aot_component_transcode_utf16_to_utf8(
                source: u32, length: u32, destination: u32, capacity: u32, only_ascii: u32;
                from: *const Memory, to: *const Memory) -> Pair;
            /// As `TranscodeUtf16ToUtf8`, of Latin-1.
            TranscodeLatin1ToUtf8: wasm_aot_component_transcode_latin1_to_utf8(
                source: u32, length: u32, destination: u32, capacity: u32, only_ascii: u32;
                from: *const Memory, to: *const Memory) -> Pair;
            /// UTF-16 to Latin-1 if all of it is, else to UTF-16; the destination has room for that. Returns the length, in
            /// the second case with [`crate::component::UTF16_TAG`].
            TranscodeUtf16ToCompactProbablyUtf16: wasm_aot_component_transcode_utf16_to_compact_probably_utf16(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory) -> u32;
            /// UTF-8 to Latin-1, up to the first character beyond that. Returns how many units have been read, and written.
            TranscodeUtf8ToLatin1: wasm_aot_component_transcode_utf8_to_latin1(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory) -> Pair;
            /// As `TranscodeUtf8ToLatin1`, of UTF-16.
            TranscodeUtf16ToLatin1: wasm_aot_component_transcode_utf16_to_latin1(
                source: u32, length: u32, destination: u32; from: *const Memory, to: *const Memory) -> Pair;
            /// Goes on in UTF-16 where `TranscodeUtf8ToLatin1` has stopped: widens the `written` bytes that are at the
            /// destination, which has room for `capacity` units, and appends the rest of the source. Returns the length in
            /// all.
            TranscodeUtf8ToCompactUtf16: wasm_aot_component_transcode_utf8_to_compact_utf16(
                source: u32, length: u32, destination: u32, capacity: u32, written: u32;
                from: *const Memory, to: *const Memory) -> u32;
            /// As `TranscodeUtf8ToCompactUtf16`, of UTF-16.
            TranscodeUtf16ToCompactUtf16: wasm_aot_component_transcode_utf16_to_compact_utf16(
                source: u32, length: u32, destination: u32, capacity: u32, written: u32;
                from: *const Memory, to: *const Memory) -> u32;
        }
    };
}

/// An argument of a canonical built-in that is known when a call is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `ty`: the resource type that it is for.
    ResourceType,
    /// `instance`: the component instance that calls.
    Instance,
    /// `tables`: the resource tables, in the order of their numbers.
    ResourceTables,
    /// `from` or `to`: a memory.
    Memory,
    /// `options`: what the caller has lowered the built-in with.
    Options,
    /// `tasks`: the component instance that calls, with its tasks.
    Tasks,
    /// `end`: a type of streams or futures.
    End,
    /// `tables`: those of the ends of streams, or of futures, in the order of their numbers.
    EndTables,
    /// `lift`: the function that is called.
    Lift,
    /// `instances`: all component instances with their tasks, by the numbers that adapters use.
    Instances,
}

/// A type that compiled code can pass as a constant.
trait Pass {
    const AS: Constant;
}

impl Pass for *const ResourceType {
    const AS: Constant = Constant::ResourceType;
}

impl Pass for *mut ComponentInstance {
    const AS: Constant = Constant::Instance;
}

impl Pass for *const ResourceTable {
    const AS: Constant = Constant::ResourceTables;
}

impl Pass for *const Memory {
    const AS: Constant = Constant::Memory;
}

impl Pass for *const Canonical {
    const AS: Constant = Constant::Options;
}

impl Pass for *mut TaskInstance {
    const AS: Constant = Constant::Tasks;
}

impl Pass for *const EndType {
    const AS: Constant = Constant::End;
}

impl Pass for *const EndTable {
    const AS: Constant = Constant::EndTables;
}

impl Pass for *const *mut TaskInstance {
    const AS: Constant = Constant::Instances;
}

impl Pass for *const Lift {
    const AS: Constant = Constant::Lift;
}

/// How many core results a function has, and therefore what it returns.
trait Results {
    const COUNT: usize;
}

impl Results for () {
    const COUNT: usize = 0;
}

impl Results for u32 {
    const COUNT: usize = 1;
}

impl Results for Ends {
    const COUNT: usize = 1;
}

impl Results for Pair {
    const COUNT: usize = 2;
}

macro_rules! results {
    () => {
        <() as Results>::COUNT
    };
    ($ty:ty) => {
        <$ty as Results>::COUNT
    };
}

macro_rules! define {
    ($(
        $(#[$doc:meta])*
        $name:ident: $symbol:ident($($param:ident: u32),*; $($constant:ident: $ty:ty),*) $(-> $result:ty)?;
    )*) => {
        /// A function of the runtime that implements a canonical built-in, or what an adapter imports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CanonicalBuiltin {
            $($(#[$doc])* $name,)*
        }

        impl CanonicalBuiltin {
            /// In the order of their discriminants.
            pub const ALL: &[CanonicalBuiltin] = &[$(CanonicalBuiltin::$name),*];

            /// The symbol.
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(CanonicalBuiltin::$name => stringify!($symbol),)*
                }
            }

            /// How many parameters the core function has, all of them `i32`.
            pub const fn params(self) -> usize {
                match self {
                    $(CanonicalBuiltin::$name => {
                        const NAMES: &[&str] = &[$(stringify!($param)),*];
                        NAMES.len()
                    })*
                }
            }

            /// The arguments that follow.
            pub const fn constants(self) -> &'static [Constant] {
                match self {
                    $(CanonicalBuiltin::$name => &[$(<$ty as Pass>::AS),*],)*
                }
            }

            /// How many results the core function has, all of them `i32`: two are a [`Pair`]; but [`Ends`] are an `i64`.
            pub const fn results(self) -> usize {
                match self {
                    $(CanonicalBuiltin::$name => results!($($result)?),)*
                }
            }
        }

        /// The types of the functions, by the names of the built-ins.
        pub mod types {
            use super::{
                Canonical, ComponentInstance, EndTable, EndType, Ends, Lift, Memory, Pair, ResourceTable, ResourceType, TaskInstance,
            };

            $(pub type $name = unsafe extern "C" fn($($param: u32,)* $($constant: $ty),*) $(-> $result)?;)*
        }
    };
}

for_each_canonical_builtin!(define);
