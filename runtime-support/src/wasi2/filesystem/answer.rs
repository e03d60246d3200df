//! What functions of `wasi:filesystem` return: a `result<T, error-code>` has a discriminant of one byte, and the `T` or the
//! error code at the next multiple of the alignment of `T`.

use super::error::ErrorCode;
use crate::component::{Caller, Fields};
use crate::wasi::types::{Errno, Result};

/// Size and alignment of a `T`, in bytes.
pub type Layout = (u32, u32);

/// Answers with the `result<T, error-code>` of `act`, which is called when the place for it has been checked; `write` writes
/// the `T` at an offset.
#[inline(always)]
pub fn answer_with<T>(
    caller: &Caller,
    result: u32,
    layout: Layout,
    act: impl FnOnce() -> Result<T>,
    write: impl FnOnce(&Fields, u32, T),
) {
    prepare(caller, result, layout);
    match act() {
        Ok(value) => write(&conclude(caller, result, layout, None), layout.1, value),
        Err(error) => _ = conclude(caller, result, layout, Some(error)),
    }
}

fn place(caller: &Caller, result: u32, (bytes, alignment): Layout) -> Fields {
    caller.fields(result, alignment + bytes, alignment)
}

/// Traps if there is no place for the result: what is done can't be undone.
#[inline(never)]
fn prepare(caller: &Caller, result: u32, layout: Layout) {
    caller.check();
    place(caller, result, layout);
}

/// Writes the result, but for its `T`. The place is looked up again: what has been done may have allocated, and so moved the
/// memory.
#[inline(never)]
fn conclude(caller: &Caller, result: u32, layout: Layout, error: Option<Errno>) -> Fields {
    let fields = place(caller, result, layout);
    fields.u8(0, error.is_some().into());
    if let Some(error) = error {
        fields.u8(layout.1, ErrorCode::from(error) as u8);
    }
    fields
}

/// The same with a `result<_, error-code>`.
#[inline(always)]
pub fn answer(caller: &Caller, result: u32, act: impl FnOnce() -> Result<()>) {
    // There is room for an error code.
    answer_with(caller, result, (1, 1), act, |_, _, ()| ());
}

/// The same with a handle.
#[inline(always)]
pub fn answer_with_handle(caller: &Caller, result: u32, act: impl FnOnce() -> Result<u32>) {
    answer_with(caller, result, (4, 4), act, |fields, at, handle| fields.u32(at, handle));
}
