//! Names and paths in the system's form, UTF-16. A mistake here is a sandbox escape.

use super::{Errno, Result};

/// UTF-16 units of the longest name.
const NAME_UNITS: usize = 255;

/// The name of one file in a directory.
pub struct Name {
    units: [u16; NAME_UNITS],
    length: usize,
    /// Whether slashes followed, so that it must be the name of a directory.
    pub is_directory: bool,
}

impl Name {
    /// Takes a name that isn't a path for the system: characters that separate names, streams of a file, or have
    /// another meaning are refused, so that what is opened is in the directory. `.` is the empty name, which
    /// stands for the directory itself. Slashes may follow.
    pub fn new(name: &[u8]) -> Result<Name> {
        let mut end = name.len();
        while end > 0 && name.get(end - 1) == Some(&b'/') {
            end -= 1;
        }
        let is_directory = end < name.len();
        let name = name.get(..end).unwrap_or_default();
        let name = if name == b"." { &[] } else { name };
        if name == b".." || name.iter().any(|byte| *byte < b' ' || b"\"*/:<>?\\|".contains(byte)) {
            return Err(Errno::INVAL);
        }
        let mut units = [0; NAME_UNITS];
        let length = utf16(name, &mut units)?;
        Ok(Name { units, length, is_directory })
    }

    pub fn units(&self) -> &[u16] {
        self.units.get(..self.length).unwrap_or_default()
    }
}

/// Converts UTF-8; how many units were written.
pub fn utf16(text: &[u8], units: &mut [u16]) -> Result<usize> {
    let text = core::str::from_utf8(text).map_err(|_| Errno::INVAL)?;
    let mut length = 0;
    for unit in text.encode_utf16() {
        *units.get_mut(length).ok_or(Errno::NAMETOOLONG)? = unit;
        length += 1;
    }
    Ok(length)
}

/// Converts UTF-16, in which halves of a character that stand alone become U+FFFD: calls `add` with the UTF-8 of
/// each character.
pub fn utf8(units: impl Iterator<Item = u16>, add: impl FnMut(&[u8])) {
    utf8_or(units, "\u{fffd}".as_bytes(), add);
}

/// The same with `half` in the place of each half of a character that stands alone.
pub fn utf8_or(units: impl Iterator<Item = u16>, half: &[u8], mut add: impl FnMut(&[u8])) {
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => add(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(_) => add(half),
        }
    }
}
