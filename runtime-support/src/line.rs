//! A line for standard error that is put together in a buffer, so that it is one write: no allocation, no
//! formatting code.

use core::mem::MaybeUninit;

use crate::sys::write_stderr;

pub struct Line<const SIZE: usize> {
    /// The first `length` ones are initialised.
    bytes: [MaybeUninit<u8>; SIZE],
    length: usize,
}

impl<const SIZE: usize> Line<SIZE> {
    pub fn new() -> Line<SIZE> {
        Line { bytes: [const { MaybeUninit::uninit() }; SIZE], length: 0 }
    }

    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        for &byte in text {
            if let Some(place) = self.bytes.get_mut(self.length) {
                place.write(byte);
                self.length += 1;
            }
        }
        self
    }

    /// A number in a base of 10 or 16.
    pub fn number(&mut self, value: usize, base: usize) -> &mut Self {
        if value >= base {
            self.number(value / base, base);
        }
        self.text(&[b"0123456789abcdef"[(value % base) & 15]])
    }

    pub fn bytes(&self) -> &[u8] {
        let bytes = self.bytes.get(..self.length).unwrap_or(&[]);
        // SAFETY: as the field says.
        unsafe { bytes.assume_init_ref() }
    }

    /// Writes the line.
    pub fn print(&mut self) {
        write_stderr(self.finished());
    }

    /// The bytes of the line. One that was too long ends in dots, and always in a line feed.
    pub fn finished(&mut self) -> &[u8] {
        const END: &[u8] = b"...\n";
        if self.length == self.bytes.len()
            && let Some(end) = self.bytes.last_chunk_mut::<{ END.len() }>()
        {
            end.write_copy_of_slice(END);
        }
        self.bytes()
    }
}
