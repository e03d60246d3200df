//! Results of functions: `result<T, error-code>` in the caller's memory.

use super::Result;
use crate::component::{Caller, Fields};

/// How a `result<T, error-code>` lies in memory, in bytes.
#[derive(Clone, Copy)]
pub struct Shape {
    pub size: u32,
    pub alignment: u32,
    /// Where the `T`, or the error, is.
    pub payload: u32,
}

/// Writes a result. Its `T` is written by a function, to the fields of the whole.
pub fn answer<T>(
    caller: &Caller,
    result: u32,
    shape: Shape,
    outcome: Result<T>,
    write: impl FnOnce(&Fields, T),
) {
    let fields = caller.fields(result, shape.size, shape.alignment);
    match outcome {
        Ok(value) => {
            fields.u8(0, 0);
            write(&fields, value);
        }
        Err(error) => {
            fields.u8(0, 1);
            fields.u8(shape.payload, error as u8);
        }
    }
}

/// Defines functions for results of numbers.
macro_rules! numbers {
    ($($function:ident: $number:ident, $size:literal;)*) => {$(
        pub fn $function(caller: &Caller, result: u32, outcome: Result<$number>) {
            let shape = Shape { size: 2 * $size, alignment: $size, payload: $size };
            answer(caller, result, shape, outcome, |fields, value| fields.$number(shape.payload, value));
        }
    )*};
}

numbers! {
    answer_u8: u8, 1;
    answer_u32: u32, 4;
    answer_u64: u64, 8;
}

/// `result<_, error-code>`.
pub fn answer_unit(caller: &Caller, result: u32, outcome: Result<()>) {
    answer(caller, result, Shape { size: 2, alignment: 1, payload: 1 }, outcome, |_, ()| {});
}

/// `result<tuple<own<A>, ...>, error-code>`.
pub fn answer_handles<const N: usize>(caller: &Caller, result: u32, outcome: Result<[u32; N]>) {
    let shape = Shape { size: 4 + 4 * N as u32, alignment: 4, payload: 4 };
    answer(caller, result, shape, outcome, |fields, handles| {
        for (offset, handle) in (4..).step_by(4).zip(handles) {
            fields.u32(offset, handle);
        }
    });
}
