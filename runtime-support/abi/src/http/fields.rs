//! The lines of a header or trailer section, and which names mean something to connections.

use super::{Refusal, is_token, is_value_byte, trim};

/// The maximum number of lines of a section, as in wasmtime.
pub const MOST_LINES: usize = 100;

/// Splits lines that end in CRLF into names and values. Whoever iterates over a section that was checked with
/// [`check`] gets all of it.
pub struct Lines<'a> {
    rest: &'a [u8],
}

/// The lines of a section, without the empty one at its end.
pub fn lines(section: &[u8]) -> Lines<'_> {
    Lines { rest: section }
}

/// The part before CRLF, and what follows.
pub fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b'\n')?;
    let line = text.get(..at)?.strip_suffix(b"\r")?;
    Some((line, text.get(at + 1..)?))
}

impl<'a> Iterator for Lines<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (line, rest) = split_line(self.rest)?;
        self.rest = rest;
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((line.get(..colon)?, trim(line.get(colon + 1..)?)))
    }
}

/// Checks each line of a section. A line that begins with a blank continues the one before (`obs-fold`), which is long out
/// of use, and a blank before the colon has been used to smuggle requests: neither is a name.
///
/// # Errors
/// If a line is no field, or there are too many.
pub fn check(section: &[u8]) -> Result<(), Refusal> {
    let mut rest = section;
    let mut count = 0;
    while !rest.is_empty() {
        let (line, behind) = split_line(rest).ok_or(Refusal::MALFORMED)?;
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Refusal::MALFORMED)?;
        let (name, value) = line.split_at_checked(colon).ok_or(Refusal::MALFORMED)?;
        if !is_token(name) || !value.iter().all(|byte| is_value_byte(*byte)) {
            return Err(Refusal::MALFORMED);
        }
        count += 1;
        if count > MOST_LINES {
            return Err(Refusal::FIELDS_TOO_LARGE);
        }
        rest = behind;
    }
    Ok(())
}

/// Whether a field is about the connection, which is the server's business: components neither see nor set it, as in
/// wasmtime.
pub fn is_forbidden(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"connection",
        b"host",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"transfer-encoding",
        b"upgrade",
    ];
    NAMES.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
}

/// The items of a list that are separated by commas.
pub fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(trim).filter(|item| !item.is_empty())
}

/// What looks for the end of a section in bytes that arrive little by little.
#[derive(Clone, Copy, Default)]
pub struct SectionEnd {
    /// Bytes that have been looked at.
    pub scanned: usize,
    /// Where the current line begins.
    line: usize,
}

impl SectionEnd {
    /// The offset behind the empty line that ends a section, if it is there.
    ///
    /// # Errors
    /// If a line ends in LF alone.
    pub fn find(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        while let Some(byte) = bytes.get(self.scanned) {
            self.scanned += 1;
            if *byte != b'\n' {
                continue;
            }
            let line = bytes.get(self.line..self.scanned).and_then(|line| line.strip_suffix(b"\r\n"));
            self.line = self.scanned;
            if line.ok_or(Refusal::MALFORMED)?.is_empty() {
                return Ok(Some(self.scanned));
            }
        }
        Ok(None)
    }
}
