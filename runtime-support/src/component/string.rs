//! Strings between host and components, in the encoding that the component wants (`CanonicalABI.md`, "Loading",
//! "Storing"). The host's are UTF-8, as far as they come from the system perhaps not quite.

use core::mem::MaybeUninit;

use wasm_aot_abi::component::{Canonical, UTF16_TAG};
use wasm_aot_abi::trap::Trap;

use super::text::{self, Unit};
use super::{Caller, violation};

/// Code units of the caller.
fn units<T>(caller: &Caller, pointer: u32, count: u32) -> &[T] {
    let Some(bytes) = count.checked_mul(size_of::<T>() as u32) else { violation(Trap::StringOutOfBounds) };
    let start = caller.range(pointer, bytes, Trap::StringOutOfBounds);
    // SAFETY: `range` has checked that the bytes exist, and any bytes are code units, which need no alignment. No
    // compiled code runs while the caller's host function reads them.
    unsafe { core::slice::from_raw_parts(start.cast(), count as usize) }
}

/// Traps if a string whose alignment is 2 has another.
fn check_alignment(pointer: u32) {
    if pointer & 1 != 0 {
        violation(Trap::UnalignedPointer);
    }
}

/// See [`Caller::string`].
pub fn read<'b>(
    caller: &Caller,
    encoding: u64,
    pointer: u32,
    length: u32,
    buffer: &'b mut [MaybeUninit<u8>],
) -> Option<&'b [u8]> {
    if encoding == Canonical::UTF8 {
        let source = units(caller, pointer, length);
        if text::utf8(source).is_err() {
            violation(Trap::InvalidUtf8);
        }
        return Some(buffer.get_mut(..source.len())?.write_copy_of_slice(source));
    }
    check_alignment(pointer);
    buffer.fill(MaybeUninit::new(0));
    // SAFETY: all of it has been written.
    let buffer = unsafe { buffer.assume_init_mut() };
    let written = if encoding == Canonical::UTF16 || length & UTF16_TAG != 0 {
        let length = if encoding == Canonical::UTF16 { length } else { length ^ UTF16_TAG };
        match text::utf16_into(units::<Unit>(caller, pointer, length), buffer) {
            Ok(written) => written?,
            Err(_) => violation(Trap::InvalidUtf16),
        }
    } else {
        let source = units(caller, pointer, length);
        let progress = text::latin1_to_utf8(source, buffer, false);
        (progress.read == source.len()).then_some(progress.written)?
    };
    buffer.get(..written)
}

/// The characters of a text; what isn't UTF-8 becomes U+FFFD.
fn chars(text: &[u8]) -> impl Iterator<Item = char> {
    text.utf8_chunks().flat_map(|chunk| {
        let invalid = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
        chunk.valid().chars().chain(invalid)
    })
}

/// Memory for so many code units, from the caller's `realloc`, with what they are.
fn allocate<const N: usize>(
    caller: &Caller,
    count: usize,
    alignment: u32,
    units: impl Iterator<Item = [u8; N]>,
) -> u32 {
    let Some(bytes) = count.checked_mul(N).and_then(|bytes| u32::try_from(bytes).ok()) else {
        violation(Trap::StringOutOfBounds)
    };
    let pointer = caller.allocate(bytes, alignment);
    let start = caller.range(pointer, bytes, Trap::ReallocOutOfBounds).cast::<[u8; N]>();
    for (i, unit) in units.take(count).enumerate() {
        // SAFETY: `range` has checked that there is room for `count`; an array of bytes needs no alignment.
        unsafe { start.add(i).write(unit) };
    }
    pointer
}

/// See [`Caller::new_string`].
pub fn write(caller: &Caller, encoding: u64, text: &[u8]) -> (u32, u32) {
    if encoding == Canonical::UTF8 && text::utf8(text).is_ok() {
        return caller.new_list(text);
    }
    let latin1 = || chars(text).map(|char| u8::try_from(char).ok());
    if encoding == Canonical::LATIN1_UTF16 && latin1().all(|byte| byte.is_some()) {
        let count = latin1().count();
        return (allocate(caller, count, 2, latin1().flatten().map(|byte| [byte])), count as u32);
    }
    if encoding == Canonical::UTF8 {
        let bytes = || {
            chars(text).flat_map(|char| {
                let mut bytes = [0; 4];
                let length = char.encode_utf8(&mut bytes).len();
                bytes.into_iter().take(length)
            })
        };
        let count = bytes().count();
        return (allocate(caller, count, 1, bytes().map(|byte| [byte])), count as u32);
    }
    let utf16 = || {
        chars(text).flat_map(|char| {
            let mut units = [0; 2];
            let length = char.encode_utf16(&mut units).len();
            units.into_iter().take(length)
        })
    };
    let count = utf16().count();
    let tag = if encoding == Canonical::LATIN1_UTF16 { UTF16_TAG } else { 0 };
    (allocate(caller, count, 2, utf16().map(u16::to_le_bytes)), count as u32 | tag)
}
