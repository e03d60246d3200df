//! Text for standard output, in a buffer.

use core::fmt::{self, Write};

use crate::fail::fail;
use crate::sys;

pub struct Output {
    bytes: [u8; 4096],
    length: usize,
    /// Whether text is written at all.
    is_open: bool,
}

impl Output {
    pub fn new(is_open: bool) -> Output {
        Output { bytes: [0; _], length: 0, is_open }
    }

    pub fn text(&mut self, text: &str) {
        if !self.is_open {
            return;
        }
        for byte in text.bytes() {
            if self.length == self.bytes.len() {
                self.flush();
            }
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
    }

    pub fn flush(&mut self) {
        if !sys::write_stdout(self.bytes.get(..self.length).unwrap_or_default()) {
            fail(b"can't write the results to standard output");
        }
        self.length = 0;
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }
}
