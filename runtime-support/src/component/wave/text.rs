//! Prints characters and strings: in WAVE's quotes and with its escapes.

use core::fmt::Write as _;

use wasm_aot_abi::component::UTF16_TAG;
use wasm_aot_abi::trap::Trap;

use super::output::Output;
use crate::component::Caller;
use crate::fail;

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
    let start = callee.range(pointer, length, Trap::StringOutOfBounds);
    // SAFETY: `range` has checked that the bytes exist, and no other code runs meanwhile.
    let bytes = unsafe { core::slice::from_raw_parts(start, length as usize) };
    let Ok(text) = core::str::from_utf8(bytes) else { fail::raise_in_host(Trap::InvalidUtf8) };
    quoted(output, text.chars());
}

/// Prints a string of the callee that is in UTF-16.
pub fn utf16(output: &mut Output, callee: &Caller, pointer: u32, units: u32) {
    aligned(pointer);
    let Some(length) = units.checked_mul(2) else { fail::raise_in_host(Trap::StringOutOfBounds) };
    callee.range(pointer, length, Trap::StringOutOfBounds);
    let fields = callee.fields(pointer, length, 2);
    let units = (0..units).map(|index| fields.get_u16(2 * index));
    let characters = char::decode_utf16(units).map(|character| match character {
        Ok(character) => character,
        Err(_) => fail::raise_in_host(Trap::InvalidUtf16),
    });
    quoted(output, characters);
}

/// Prints a string of the callee that is in Latin-1 or, if its length has the tag, in UTF-16.
pub fn latin1_utf16(output: &mut Output, callee: &Caller, pointer: u32, length: u32) {
    if length & UTF16_TAG != 0 {
        return utf16(output, callee, pointer, length & !UTF16_TAG);
    }
    aligned(pointer);
    callee.range(pointer, length, Trap::StringOutOfBounds);
    let fields = callee.fields(pointer, length, 1);
    quoted(output, (0..length).map(|index| char::from(fields.get_u8(index))));
}

/// Traps if a string is at an address that isn't a multiple of the alignment of its encoding, 2.
fn aligned(pointer: u32) {
    if !pointer.is_multiple_of(2) {
        fail::raise_in_host(Trap::UnalignedPointer);
    }
}

fn quoted(output: &mut Output, characters: impl Iterator<Item = char>) {
    output.text("\"");
    characters.for_each(|value| character(output, value));
    output.text("\"");
}
