//! Prints characters and strings: in WAVE's quotes and with its escapes.

use core::fmt::Write as _;

use wasm_aot_abi::component::UTF16_TAG;
use wasm_aot_abi::trap::Trap;

use super::output::Output;
use crate::component::text::{self, Unit};
use crate::component::{Caller, violation};

/// Prints a character that stands between quotes.
pub fn character(output: &mut Output, value: char) {
    // An output takes everything.
    _ = match value {
        '\\' | '"' | '\'' | '\t' | '\r' | '\n' => write!(output, "{}", value.escape_default()),
        _ if value.is_control() => write!(output, "{}", value.escape_unicode()),
        _ => write!(output, "{}", value.escape_debug()),
    };
}

/// Prints a string of the callee that is in UTF-8.
pub fn utf8(output: &mut Output, callee: &Caller, pointer: u32, length: u32) {
    match text::utf8(units(callee, pointer, length, 1)) {
        Ok(text) => characters(output, text.chars()),
        Err(trap) => violation(trap),
    }
}

/// Prints a string of the callee that is in UTF-16.
pub fn utf16(output: &mut Output, callee: &Caller, pointer: u32, length: u32) {
    let units: &[Unit] = units(callee, pointer, length, 2);
    let text = text::utf16(units).map(|character| match character {
        Ok(character) => character,
        Err(trap) => violation(trap),
    });
    characters(output, text);
}

/// Prints a string of the callee that is in Latin-1 or, if its length has the tag, in UTF-16.
pub fn latin1_utf16(output: &mut Output, callee: &Caller, pointer: u32, length: u32) {
    if length & UTF16_TAG != 0 {
        return utf16(output, callee, pointer, length & !UTF16_TAG);
    }
    let units: &[u8] = units(callee, pointer, length, 2);
    characters(output, units.iter().map(|byte| char::from(*byte)));
}

/// The code units of a string.
fn units<T>(callee: &Caller, pointer: u32, length: u32, alignment: u32) -> &[T] {
    if !pointer.is_multiple_of(alignment) {
        violation(Trap::UnalignedPointer);
    }
    let Some(bytes) = length.checked_mul(size_of::<T>() as u32) else { violation(Trap::StringOutOfBounds) };
    let start = callee.range(pointer, bytes, Trap::StringOutOfBounds);
    // SAFETY: `range` has checked that the bytes exist; no other code runs meanwhile; units are bytes.
    unsafe { core::slice::from_raw_parts(start.cast(), length as usize) }
}

fn characters(output: &mut Output, text: impl Iterator<Item = char>) {
    output.text("\"");
    text.for_each(|value| character(output, value));
    output.text("\"");
}
