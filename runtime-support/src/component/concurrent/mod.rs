//! Asynchronous components (component-model, `Concurrency.md`, `CanonicalABI.md`): tasks, what they wait for, and the loop
//! that runs them. Only programs that were asynchronous components have it.
//!
//! There is one stack. A task that waits as its core function or its callback returns has nothing on it. One that waits in
//! a call, as in `waitable-set.wait`, keeps its frames, and what can run meanwhile runs on top of them: so it goes on when
//! that has ended or waits without frames. What is started last must be able to end first; where it isn't, that is a
//! deadlock, as if there were nothing that could happen.

mod call;
mod callback;
mod context;
mod end;
mod host;
mod instance;
mod pending;
mod schedule;
mod set;
mod source;
mod stream;
mod subtask;
mod task;
mod waitable;

pub use host::{block, start};
pub use source::{read_from, write_to};

pub(super) mod builtins {
    //! The built-ins, by the names of their symbols.

    pub use super::call::{
        wasm_aot_component_prepare_call, wasm_aot_component_start_call_async,
        wasm_aot_component_start_call_sync,
    };
    pub use super::callback::{
        wasm_aot_component_enter_sync_task, wasm_aot_component_exit_sync_task,
        wasm_aot_component_resource_drop_task, wasm_aot_component_task_await, wasm_aot_component_task_begin,
        wasm_aot_component_task_end,
    };
    pub use super::context::{
        wasm_aot_component_context_get_first, wasm_aot_component_context_get_second,
        wasm_aot_component_context_set_first, wasm_aot_component_context_set_second,
    };
    pub use super::end::{
        wasm_aot_component_end_cancel_read, wasm_aot_component_end_cancel_write,
        wasm_aot_component_end_drop_readable, wasm_aot_component_end_drop_writable,
        wasm_aot_component_end_transfer, wasm_aot_component_ends_new, wasm_aot_component_future_read,
        wasm_aot_component_future_write, wasm_aot_component_stream_read, wasm_aot_component_stream_write,
    };
    pub use super::schedule::{
        wasm_aot_component_backpressure_dec, wasm_aot_component_backpressure_inc,
        wasm_aot_component_thread_yield,
    };
    pub use super::set::{
        wasm_aot_component_waitable_join, wasm_aot_component_waitable_set_drop,
        wasm_aot_component_waitable_set_new, wasm_aot_component_waitable_set_poll,
        wasm_aot_component_waitable_set_wait,
    };
    pub use super::subtask::{wasm_aot_component_subtask_cancel, wasm_aot_component_subtask_drop};
    pub use super::task::{wasm_aot_component_task_cancel, wasm_aot_component_task_return};
}
