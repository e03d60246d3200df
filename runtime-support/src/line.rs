//! A line for standard error that is put together in a buffer, so that it is one write: no allocation, no
//! formatting code.

use crate::sys::write_stderr;

pub struct Line<const SIZE: usize> {
    bytes: [u8; SIZE],
    length: usize,
}

impl<const SIZE: usize> Line<SIZE> {
    pub fn new() -> Line<SIZE> {
        Line { bytes: [0; SIZE], length: 0 }
    }

    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        for &byte in text {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
        self
    }

    pub fn number(&mut self, value: usize, base: usize) -> &mut Self {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value;
        while let Some(place) = start.checked_sub(1).and_then(|i| digits.get_mut(i)) {
            *place = b"0123456789abcdef"[(rest % base) & 15];
            start -= 1;
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        self.text(digits.get(start..).unwrap_or(&[]))
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// Writes the line. One that was too long ends in dots, and always in a line feed.
    pub fn print(&mut self) {
        const END: &[u8] = b"...\n";
        if self.length == self.bytes.len()
            && let Some(end) = self.bytes.last_chunk_mut::<{ END.len() }>()
        {
            end.copy_from_slice(END);
        }
        write_stderr(self.bytes());
    }
}
