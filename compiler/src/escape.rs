//! Makes names and texts from untrusted files fit to be shown: nothing in them affects a terminal, begins a line of
//! its own, or changes the order in which text is read. Whatever puts an untrusted name into a message, a listing or
//! the table of function names passes it through [`escape`], and a path through [`path`]; [`lines`] is for whole
//! messages, including those of libraries, just before they are printed.
//!
//! Policies are printed as TOML, which has escapes of its own (`policy::form::quoted`), for the same characters.

use std::borrow::Cow;
use std::path::{Path, is_separator};

/// Whether a character isn't shown as itself: control characters, line separators, and characters that are
/// invisible or change the direction of writing.
pub fn is_hidden(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    invisible || c.is_control()
}

/// A name on one line: `\n`, `\t`, `\r`, `\x1b`, `\u{202e}`; a backslash is doubled, so different names stay different.
/// At most four bytes for each byte of the name.
pub fn escape(name: &str) -> Cow<'_, str> {
    escape_unless(name, |_| false, |c| c == '\\' || is_hidden(c))
}

/// A path on one line, escaped as by [`escape`]; bytes that aren't UTF-8 are shown as `\xff`.
pub fn path(path: &Path) -> String {
    bytes(path.as_os_str().as_encoded_bytes(), is_separator)
}

/// Whether a name, which may not be text, isn't shown as itself.
pub fn hides(name: &[u8]) -> bool {
    !std::str::from_utf8(name).is_ok_and(|name| !name.contains(is_hidden))
}

/// A name that may not be text; if it isn't shown as itself, it is escaped as by [`escape`], and bytes that aren't UTF-8 are shown
/// as `\xff`.
pub fn raw(name: &[u8]) -> Cow<'_, str> {
    if hides(name) { bytes(name, |_| false).into() } else { String::from_utf8_lossy(name) }
}

fn bytes(bytes: &[u8], kept: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += &escape_unless(chunk.valid(), &kept, |c| c == '\\' || is_hidden(c));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// A text of several lines, whose tabs and line feeds are kept.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape_unless(text, |c| c == '\n' || c == '\t', is_hidden)
}

/// The name of which [`escape`] made this text. What it can't have made stays as it is: executables from anywhere are read, and
/// their names are escaped again where they are shown.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('\\') else { return text.into() };
    let (before, mut rest) = text.split_at(first);
    let mut name = before.to_owned();
    while let Some(c) = rest.chars().next() {
        let (c, length) = escaped_char(rest).unwrap_or((c, c.len_utf8()));
        name.push(c);
        rest = &rest[length..];
    }
    name.into()
}

/// The character that the escape at the start of a text stands for, and the bytes of the escape.
fn escaped_char(text: &str) -> Option<(char, usize)> {
    let escape = text.strip_prefix('\\')?;
    let digits = match escape.as_bytes().first()? {
        b'n' => return Some(('\n', 2)),
        b't' => return Some(('\t', 2)),
        b'r' => return Some(('\r', 2)),
        b'\\' => return Some(('\\', 2)),
        b'x' => escape.get(1..3)?,
        b'u' => {
            let digits = escape.strip_prefix("u{")?;
            // Of at most six: an escape costs as much, whatever follows it.
            digits.get(..digits.bytes().take(7).position(|byte| byte == b'}')?)?
        }
        _ => return None,
    };
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let c = is_hexadecimal.then(|| char::from_u32(u32::from_str_radix(digits, 16).ok()?)).flatten()?;
    let around = if escape.starts_with('x') { 2 } else { 4 };
    Some((c, digits.len() + around))
}

/// Escapes the characters that `wanted` accepts and `kept` doesn't.
fn escape_unless(text: &str, kept: impl Fn(char) -> bool, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_escaped = |c: char| wanted(c) && !kept(c);
    if !text.contains(is_escaped) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_escaped(c) => escaped.push(c),
            '\n' => escaped += "\\n",
            '\t' => escaped += "\\t",
            '\r' => escaped += "\\r",
            '\\' => escaped += "\\\\",
            c if c.is_ascii() => escaped += &format!("\\x{:02x}", u32::from(c)),
            c => escaped += &format!("\\u{{{:x}}}", u32::from(c)),
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, escaped) in [
            ("", ""),
            ("core::fmt::Write", "core::fmt::Write"),
            ("grüße, 世界 👍", "grüße, 世界 👍"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\x00"),
            ("\x1b[31mred\x7f", "\\x1b[31mred\\x7f"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\\n", "a\\\\n"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("\u{2028}\u{e0041}\u{feff}", "\\u{2028}\\u{e0041}\\u{feff}"),
        ] {
            assert_eq!(escape(name), escaped);
        }
    }

    #[test]
    fn nothing_hidden_is_left_and_names_stay_different() {
        let mut seen = std::collections::HashSet::new();
        for c in '\0'..=char::MAX {
            let name = c.to_string();
            let escaped = escape(&name);
            assert!(!escaped.contains(is_hidden) && escaped.len() <= 4 * name.len().max(3), "{c:?}");
            assert_eq!(unescape(&escaped), name);
            assert!(seen.insert(escaped.into_owned()), "{c:?}");
        }
    }

    #[test]
    fn names_come_back() {
        for name in ["C:\\src\\new.c", "a\\\\n", "\\u{41}", "\\", "ä\\x41\x1b[m\n"] {
            assert_eq!(unescape(&escape(name)), name);
        }
        for other in
            ["\\", "a\\", "\\q", "\\x4", "\\xä", "\\u{}", "\\u{d800}", "\\u{41", "\\u{1234567}", "\\u41"]
        {
            assert_eq!(unescape(other), other);
        }
        // In time that is in proportion to its length.
        let open = "\\u{".repeat(1 << 20);
        assert_eq!(unescape(&open), open);
    }

    #[test]
    fn texts_keep_their_lines() {
        assert_eq!(lines("a\n\tb\\c\x1b[2J\r\n"), "a\n\tb\\c\\x1b[2J\\r\n");
    }

    #[test]
    fn names_that_are_not_text() {
        assert!(!hides("grüße\\".as_bytes()) && hides(b"gr\xfc\xdfe") && hides(b"a\nb"));
        assert_eq!(raw(b"a\\b"), "a\\b");
        assert_eq!(raw(b"gr\xfc\xdfe\n\\"), "gr\\xfc\\xdfe\\n\\\\");
    }

    #[cfg(unix)]
    #[test]
    fn paths() {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = b"dir/\xff\x1b\xc3\xa4\n\\";
        assert_eq!(path(Path::new(std::ffi::OsStr::from_bytes(bytes))), "dir/\\xff\\x1bä\\n\\\\");
    }
}
