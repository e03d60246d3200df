//! `random_get`.

use crate::memory::guest;
use crate::sys;

use super::types::{Result, answer};

fn random_get(buffer: u32, length: u32) -> Result<()> {
    let start = guest::range(buffer, length.into());
    // SAFETY: `range` has checked that the bytes exist; nothing refers to them.
    Ok(unsafe { sys::random::fill(start, length as usize) }?)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_random_get(buffer: u32, length: u32) -> i32 {
    answer(random_get(buffer, length))
}
