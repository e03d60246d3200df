//! The framing of a body in chunks (RFC 9112, 7.1), up to the trailer section.

use super::Refusal;

/// Bytes of the extensions of all chunks of a body, at most: nobody needs them.
const MOST_EXTENSION_BYTES: u32 = 16 << 10;

/// How far a body has been read.
#[derive(Clone, Copy, Default)]
pub struct Chunks {
    state: State,
    /// What is left of the chunk, or its size as far as it has been read.
    left: u64,
    digits: u8,
    extension_bytes: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    /// Behind blanks that follow the size.
    Blank,
    Extension,
    /// The LF behind a size.
    SizeEnd,
    Data,
    /// The CR and the LF behind a chunk's data.
    DataCr,
    DataLf,
    Trailers,
}

/// A piece of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Bytes of framing in front of the data.
    pub framing: usize,
    /// Bytes of data; 0 if more framing must arrive first, or the trailer section follows.
    pub data: usize,
}

impl Chunks {
    /// Whether the last chunk has been read: the trailer section follows.
    pub fn is_at_trailers(&self) -> bool {
        self.state == State::Trailers
    }

    /// The next piece at the front of `bytes`. The framing counts as read, the data doesn't: see [`Chunks::take`].
    ///
    /// # Errors
    /// If it isn't as the RFC says.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Piece, Refusal> {
        let mut framing = 0;
        while let Some(byte) = bytes.get(framing) {
            match self.state {
                State::Data => {
                    let there = bytes.len() - framing;
                    let data = usize::try_from(self.left).map_or(there, |left| left.min(there));
                    return Ok(Piece { framing, data });
                }
                State::Trailers => break,
                _ => self.frame(*byte)?,
            }
            framing += 1;
        }
        Ok(Piece { framing, data: 0 })
    }

    /// Notes that so many bytes of data have been read.
    pub fn take(&mut self, bytes: usize) {
        self.left -= bytes as u64;
        if self.left == 0 && self.state == State::Data {
            self.state = State::DataCr;
        }
    }

    fn frame(&mut self, byte: u8) -> Result<(), Refusal> {
        self.state = match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = (byte as char).to_digit(16).unwrap_or(0);
                self.digits += 1;
                // 2^60 bytes are more than anybody has.
                if self.digits > 15 {
                    return Err(Refusal::MALFORMED);
                }
                self.left = self.left << 4 | u64::from(digit);
                State::Size
            }
            (State::Size | State::Blank | State::Extension, _) if self.digits == 0 => {
                return Err(Refusal::MALFORMED);
            }
            (State::Size | State::Blank | State::Extension, b'\r') => State::SizeEnd,
            (State::Size | State::Blank, b' ' | b'\t') => State::Blank,
            (State::Size | State::Blank, b';') => State::Extension,
            (State::Extension, byte) if super::is_value_byte(byte) => State::Extension,
            (State::SizeEnd, b'\n') => {
                self.digits = 0;
                if self.left == 0 { State::Trailers } else { State::Data }
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            _ => return Err(Refusal::MALFORMED),
        };
        if matches!(self.state, State::Blank | State::Extension) {
            self.extension_bytes += 1;
            if self.extension_bytes > MOST_EXTENSION_BYTES {
                return Err(Refusal::MALFORMED);
            }
        }
        Ok(())
    }
}
