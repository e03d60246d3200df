//! Each canonical built-in of the table is here, with the type that compiled code calls it with: what is missing or
//! differs is an error of the build.

use wasm_aot_abi::canonical::{AdapterCall, TaskReturn, types};

use super::concurrent::builtins::{
    wasm_aot_component_backpressure_dec, wasm_aot_component_backpressure_inc,
    wasm_aot_component_context_get_first, wasm_aot_component_context_get_second,
    wasm_aot_component_context_set_first, wasm_aot_component_context_set_second,
    wasm_aot_component_end_cancel_read, wasm_aot_component_end_cancel_write,
    wasm_aot_component_end_drop_readable, wasm_aot_component_end_drop_writable,
    wasm_aot_component_end_transfer, wasm_aot_component_ends_new, wasm_aot_component_enter_sync_task,
    wasm_aot_component_exit_sync_task, wasm_aot_component_future_read, wasm_aot_component_future_write,
    wasm_aot_component_prepare_call, wasm_aot_component_resource_drop_task,
    wasm_aot_component_start_call_async, wasm_aot_component_start_call_sync, wasm_aot_component_stream_read,
    wasm_aot_component_stream_write, wasm_aot_component_subtask_cancel, wasm_aot_component_subtask_drop,
    wasm_aot_component_task_await, wasm_aot_component_task_begin, wasm_aot_component_task_cancel,
    wasm_aot_component_task_end, wasm_aot_component_task_return, wasm_aot_component_thread_yield,
    wasm_aot_component_waitable_join, wasm_aot_component_waitable_set_drop,
    wasm_aot_component_waitable_set_new, wasm_aot_component_waitable_set_poll,
    wasm_aot_component_waitable_set_wait,
};
use super::resource::{
    wasm_aot_component_resource_drop, wasm_aot_component_resource_new, wasm_aot_component_resource_rep,
};
use super::scope::{wasm_aot_component_enter_sync_call, wasm_aot_component_exit_sync_call};
use super::transcode::{
    wasm_aot_component_transcode_copy_latin1, wasm_aot_component_transcode_copy_utf8,
    wasm_aot_component_transcode_copy_utf16, wasm_aot_component_transcode_latin1_to_utf8,
    wasm_aot_component_transcode_latin1_to_utf16, wasm_aot_component_transcode_utf8_to_compact_utf16,
    wasm_aot_component_transcode_utf8_to_latin1, wasm_aot_component_transcode_utf8_to_utf16,
    wasm_aot_component_transcode_utf16_to_compact_probably_utf16,
    wasm_aot_component_transcode_utf16_to_compact_utf16, wasm_aot_component_transcode_utf16_to_latin1,
    wasm_aot_component_transcode_utf16_to_utf8,
};
use super::transfer::{
    wasm_aot_component_resource_transfer_borrow, wasm_aot_component_resource_transfer_own,
};

macro_rules! assert_types {
    ($(
        $(#[$doc:meta])*
        $name:ident: $symbol:ident($($param:ident: u32),*; $($constant:ident: $ty:ty),*) $(-> $result:ty)?;
    )*) => {
        $(const _: types::$name = $symbol;)*
    };
}

wasm_aot_abi::for_each_canonical_builtin!(assert_types);

const _: TaskReturn = wasm_aot_component_task_return;

const _: [AdapterCall; 3] = [
    wasm_aot_component_prepare_call,
    wasm_aot_component_start_call_sync,
    wasm_aot_component_start_call_async,
];
