//! `wasi:random`. What is called insecure there is as good here as the rest.

mod pool;

use wasm_aot_abi::trap::Trap;

use crate::component::{Caller, violation};

/// The largest number of bytes of a `list` (`MAX_LIST_BYTE_LENGTH`).
const MOST: u64 = (1 << 28) - 1;

fn bytes(length: u64, result: u32, caller: &Caller) {
    caller.check();
    if length > MOST {
        violation(Trap::ListOutOfBounds);
    }
    let length = length as u32;
    let pointer = caller.allocate(length, 1);
    let start = caller.bytes(pointer, length);
    // SAFETY: `bytes` has checked that they exist; no compiled code runs meanwhile.
    unsafe { pool::fill(start, length as usize) };
    caller.return_list(result, (pointer, length));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_random_random_get_random_bytes(length: u64, result: u32, caller: &Caller) {
    bytes(length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_random_random_get_random_u64(caller: &Caller) -> u64 {
    caller.check();
    pool::next()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_random_insecure_get_insecure_random_bytes(
    length: u64,
    result: u32,
    caller: &Caller,
) {
    bytes(length, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_random_insecure_get_insecure_random_u64(caller: &Caller) -> u64 {
    caller.check();
    pool::next()
}

/// Another at each call, as the interface allows.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_random_insecure_seed_insecure_seed(result: u32, caller: &Caller) {
    caller.check();
    let fields = caller.fields(result, 16, 8);
    fields.u64(0, pool::next());
    fields.u64(8, pool::next());
}
