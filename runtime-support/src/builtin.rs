//! Each builtin of the table is here, with the type that compiled code calls it with: what is missing or differs is an
//! error of the build. The entries in assembly are only declared, so nothing compares those with the table.

use wasm_aot_abi::builtin::types;
use wasm_aot_abi::exception::Exception;

use crate::exit::wasm_aot_check_result;
use crate::invoke::{
    wasm_aot_print_f32, wasm_aot_print_f64, wasm_aot_print_i32, wasm_aot_print_i64, wasm_aot_print_reference,
    wasm_aot_print_v128,
};
use crate::math::{wasm_aot_fma_f32, wasm_aot_fma_f64};
use crate::memory::mem::{memmove, memset};
use crate::memory::shared::wasm_aot_shared_memory_grow;
use crate::memory::wait::{wasm_aot_atomic_notify, wasm_aot_atomic_wait32, wasm_aot_atomic_wait64};
use crate::memory::wasm_aot_memory_grow;
use crate::table::{wasm_aot_table_fill, wasm_aot_table_grow};
use crate::wasi::trace::wasm_aot_trace;

unsafe extern "C" {
    // Assembly; the functions behind it take the same first.
    fn wasm_aot_throw(exception: *const Exception);
    fn wasm_aot_throw_ref(exception: *const Exception);
    fn wasm_aot_gc_throw(exception: *const Exception);
    fn wasm_aot_gc_allocate(bytes: u64) -> u64;
}

macro_rules! assert_types {
    ($(
        $(#[$doc:meta])*
        $name:ident: $convention:ident $symbol:ident($($param:ident: $ty:ty),*)
            $(-> $result:ty)? $(, unused -> $unused:ty)?;
    )*) => {
        $(const _: types::$name = $symbol;)*
    };
}

wasm_aot_abi::for_each_builtin!(assert_types);
