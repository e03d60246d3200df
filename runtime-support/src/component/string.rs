//! Strings between host and components, in the encoding that the component wants (`CanonicalABI.md`, "Loading",
//! "Storing"). The host's are UTF-8, as far as they come from the system perhaps not quite.

use core::mem::MaybeUninit;

use wasm_aot_abi::component::{Canonical, UTF16_TAG};
use wasm_aot_abi::trap::Trap;

use super::text::{self, Encoding, Unit};
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

/// See [`Caller::new_string`].
pub fn write(caller: &Caller, encoding: u64, text: &[u8]) -> (u32, u32) {
    let mut is_latin1 = true;
    text::each_char(text, &mut |char| is_latin1 &= char <= '\u{ff}');
    // The encoding, the bytes of a code unit, and the alignment.
    let (how, unit, alignment) = match encoding {
        Canonical::UTF8 => (Encoding::Utf8, 1, 1),
        Canonical::LATIN1_UTF16 if is_latin1 => (Encoding::Latin1, 1, 2),
        _ => (Encoding::Utf16, 2, 2),
    };
    let tag = if encoding == Canonical::LATIN1_UTF16 && unit == 2 { UTF16_TAG } else { 0 };

    let mut buffer = [0; 4];
    let mut bytes = 0;
    text::each_char(text, &mut |char| bytes += text::encode(char, how, &mut buffer));
    // The longest texts of the host are the program's arguments and variables, of which systems take a few MiB in all; no
    // character has more than three times as many bytes as its UTF-8.
    let bytes = bytes as u32;
    let pointer = caller.allocate(bytes, alignment);
    let mut to = caller.range(pointer, bytes, Trap::ReallocOutOfBounds);
    text::each_char(text, &mut |char| {
        let length = text::encode(char, how, &mut buffer);
        // SAFETY: `range` has checked that there is room for all characters.
        unsafe {
            to.copy_from_nonoverlapping(buffer.as_ptr(), length);
            to = to.add(length);
        }
    });
    (pointer, (bytes / unit) | tag)
}
