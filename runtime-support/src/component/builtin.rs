//! Each canonical built-in of the table is here, with the type that compiled code calls it with: what is missing or
//! differs is an error of the build.

use wasm_aot_abi::canonical::types;

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
