//! The three encodings of strings of the canonical ABI, from one to another ("Storing", `store_string`). Knows nothing of
//! memories: where a destination is too short, what doesn't fit is left out.

use wasm_aot_abi::component::UTF16_TAG;
use wasm_aot_abi::trap::Trap;

/// A code unit of UTF-16, little-endian.
pub type Unit = [u8; 2];

/// How many code units of the source have been read and of the destination written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub read: usize,
    pub written: usize,
}

/// The text, if it is UTF-8.
///
/// # Errors
/// If it isn't.
pub fn utf8(source: &[u8]) -> Result<&str, Trap> {
    core::str::from_utf8(source).map_err(|_| Trap::InvalidUtf8)
}

/// The text up to what isn't UTF-8, and how many bytes of the latter can't be part of it; 0 at the end.
pub fn valid_front(source: &[u8]) -> (&str, usize) {
    match core::str::from_utf8(source) {
        Ok(text) => (text, 0),
        Err(error) => {
            let (front, rest) = source.split_at_checked(error.valid_up_to()).unwrap_or_default();
            let invalid = error.error_len().unwrap_or(rest.len());
            // SAFETY: as `valid_up_to` says.
            (unsafe { core::str::from_utf8_unchecked(front) }, invalid)
        }
    }
}

/// Calls `action` with each character; what isn't UTF-8 is taken for U+FFFD.
pub fn each_char(mut source: &[u8], action: &mut dyn FnMut(char)) {
    loop {
        let (front, invalid) = valid_front(source);
        front.chars().for_each(&mut *action);
        if invalid == 0 {
            return;
        }
        action(char::REPLACEMENT_CHARACTER);
        source = source.get(front.len() + invalid..).unwrap_or_default();
    }
}

/// How a character can be written.
#[derive(Clone, Copy)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// For characters that are in it.
    Latin1,
}

/// Writes a character to the front of `buffer`; how many bytes it has there.
pub fn encode(char: char, encoding: Encoding, buffer: &mut [u8; 4]) -> usize {
    match encoding {
        Encoding::Utf8 => char.encode_utf8(buffer).len(),
        Encoding::Latin1 => {
            *buffer = u32::from(char).to_le_bytes();
            1
        }
        Encoding::Utf16 => {
            let mut units = [0; 2];
            let count = char.encode_utf16(&mut units).len();
            for (to, unit) in buffer.as_chunks_mut().0.iter_mut().zip(units) {
                *to = unit.to_le_bytes();
            }
            2 * count
        }
    }
}

/// The characters.
pub fn utf16(source: &[Unit]) -> impl Iterator<Item = Result<char, Trap>> {
    let units = source.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|char| char.map_err(|_| Trap::InvalidUtf16))
}

/// The characters of UTF-16, as UTF-8, appended to what is at the front of `buffer`; how long it is then, or none if it
/// doesn't fit.
///
/// # Errors
/// If it isn't UTF-16.
pub fn utf16_into(source: &[Unit], buffer: &mut [u8]) -> Result<Option<usize>, Trap> {
    let Progress { read, written } = utf16_to_utf8(source, buffer, false)?;
    if read == source.len() {
        return Ok(Some(written));
    }
    // The rest must be valid, too.
    utf16(source.get(read..).unwrap_or_default()).try_for_each(|char| char.map(drop))?;
    Ok(None)
}

/// Copies UTF-16; whether all of it is in Latin-1.
///
/// # Errors
/// If it isn't UTF-16.
pub fn copy_utf16(source: &[Unit], destination: &mut [Unit]) -> Result<bool, Trap> {
    let mut all_latin1 = true;
    for char in utf16(source) {
        all_latin1 &= char? <= '\u{ff}';
    }
    for (to, from) in destination.iter_mut().zip(source) {
        *to = *from;
    }
    Ok(all_latin1)
}

/// As many units as there are bytes.
pub fn latin1_to_utf16(source: &[u8], destination: &mut [Unit]) {
    for (to, from) in destination.iter_mut().zip(source) {
        *to = [*from, 0];
    }
}

/// The number of units, which is at most that of bytes.
///
/// # Errors
/// If it isn't UTF-8.
pub fn utf8_to_utf16(source: &[u8], destination: &mut [Unit]) -> Result<usize, Trap> {
    let mut written = 0;
    for (to, from) in destination.iter_mut().zip(utf8(source)?.encode_utf16()) {
        *to = from.to_le_bytes();
        written += 1;
    }
    Ok(written)
}

/// Appends a character to UTF-8, if it fits.
fn push(char: char, destination: &mut [u8], written: &mut usize) -> bool {
    let Some(to) = destination.get_mut(*written..*written + char.len_utf8()) else { return false };
    char.encode_utf8(to);
    *written += char.len_utf8();
    true
}

/// As much as fits, with `only_ascii` up to the first character beyond ASCII.
///
/// # Errors
/// If what has been looked at isn't UTF-16.
pub fn utf16_to_utf8(source: &[Unit], destination: &mut [u8], only_ascii: bool) -> Result<Progress, Trap> {
    let (mut read, mut written) = (0, 0);
    for char in utf16(source) {
        let char = char?;
        if only_ascii && !char.is_ascii() || !push(char, destination, &mut written) {
            break;
        }
        read += char.len_utf16();
    }
    Ok(Progress { read, written })
}

/// As much as fits, with `only_ascii` up to the first character beyond ASCII.
pub fn latin1_to_utf8(source: &[u8], destination: &mut [u8], only_ascii: bool) -> Progress {
    let (mut read, mut written) = (0, 0);
    for byte in source {
        if only_ascii && !byte.is_ascii() || !push(char::from(*byte), destination, &mut written) {
            break;
        }
        read += 1;
    }
    Progress { read, written }
}

/// Up to the first character beyond Latin-1, or to what isn't UTF-8.
pub fn utf8_to_latin1(source: &[u8], destination: &mut [u8]) -> Progress {
    let (front, _) = valid_front(source);
    let (mut read, mut written) = (0, 0);
    for (to, char) in destination.iter_mut().zip(front.chars()) {
        let Ok(byte) = u8::try_from(char) else { break };
        *to = byte;
        read += char.len_utf8();
        written += 1;
    }
    Progress { read, written }
}

/// Up to the first character beyond Latin-1.
pub fn utf16_to_latin1(source: &[Unit], destination: &mut [u8]) -> Progress {
    let mut done = 0;
    for (to, from) in destination.iter_mut().zip(source) {
        let [low, 0] = *from else { break };
        *to = low;
        done += 1;
    }
    Progress { read: done, written: done }
}

/// Latin-1 if all of it is, else UTF-16; the length as the canonical ABI has it. The destination has room for the latter.
///
/// # Errors
/// If it isn't UTF-16.
pub fn utf16_to_compact(source: &[Unit], destination: &mut [Unit]) -> Result<u32, Trap> {
    let length = source.len() as u32;
    if !copy_utf16(source, destination)? {
        return Ok(length | UTF16_TAG);
    }
    let bytes = destination.as_flattened_mut();
    for i in 0..source.len() {
        let from = bytes.get(2 * i).copied().unwrap_or(0);
        if let Some(to) = bytes.get_mut(i) {
            *to = from;
        }
    }
    Ok(length)
}

/// Makes UTF-16 of the Latin-1 at the start of the destination; what follows it there.
pub fn widen(destination: &mut [Unit], written: usize) -> &mut [Unit] {
    let (front, rest) = destination.split_at_mut(written.min(destination.len()));
    let bytes = front.as_flattened_mut();
    for i in (0..written).rev() {
        let byte = bytes.get(i).copied().unwrap_or(0);
        if let Some(to) = bytes.get_mut(2 * i..2 * i + 2) {
            to.copy_from_slice(&[byte, 0]);
        }
    }
    rest
}
