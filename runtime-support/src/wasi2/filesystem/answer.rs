//! What functions of `wasi:filesystem` return: a `result<T, error-code>` has a discriminant of one byte, and the `T` or the
//! error code at the next multiple of the alignment of `T`.

use super::error::ErrorCode;
use crate::component::{Caller, Fields};
use crate::wasi::types::Result;

/// Size and alignment of a `T`, in bytes.
pub type Layout = (u32, u32);

/// Answers with the `result<T, error-code>` of `act`, which is called when the place for it has been checked; `write` writes
/// the `T` at an offset.
#[inline(always)]
pub fn answer_with<T>(
    caller: &Caller,
    result: u32,
    (bytes, alignment): Layout,
    act: impl FnOnce() -> Result<T>,
    write: impl FnOnce(&Fields, u32, T),
) {
    caller.check();
    let place = || caller.fields(result, alignment + bytes, alignment);
    // What is done can't be undone.
    place();
    let outcome = act();
    // If it has allocated, the memory may have moved.
    let fields = place();
    match outcome {
        Ok(value) => {
            fields.u8(0, 0);
            write(&fields, alignment, value);
        }
        Err(error) => {
            fields.u8(0, 1);
            fields.u8(alignment, ErrorCode::from(error) as u8);
        }
    }
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
