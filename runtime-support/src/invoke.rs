//! Prints the results of a function that was called because of `--invoke`, as `wasmtime run --invoke` prints them: each
//! on a line, integers signed, floats by the shortest digits that are read as the same float, without an exponent.

use core::fmt::{self, Display, Write};

use wasm_aot_abi::invoke::Reference;

use crate::fail::fail;
use crate::sys;

/// The longest line: 0 and a point, 323 zeroes and 17 digits, a sign and a line feed.
const LINE_BYTES: usize = 352;

/// Text that ends at the end of the buffer, as digits come from the last to the first.
struct Decimal {
    bytes: [u8; Decimal::BYTES],
    start: usize,
}

impl Decimal {
    /// 39 digits of 128 bits, a sign and a line feed.
    const BYTES: usize = 41;

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.start.checked_sub(1).and_then(|at| self.bytes.get_mut(at)) {
            *place = byte;
            self.start -= 1;
        }
    }
}

/// Prints a number of 128 bits: its words of 32 bits, the lowest first.
fn print_decimal(negative: bool, mut words: [u32; 4]) {
    let mut line = Decimal { bytes: [0; Decimal::BYTES], start: Decimal::BYTES };
    line.push(b'\n');
    loop {
        let mut rest = 0;
        for word in words.iter_mut().rev() {
            let dividend = rest << 32 | u64::from(*word);
            *word = (dividend / 10) as u32;
            rest = dividend % 10;
        }
        line.push(b'0' + rest as u8);
        if words == [0; 4] {
            break;
        }
    }
    if negative {
        line.push(b'-');
    }
    print(line.bytes.get(line.start..).unwrap_or_default());
}

fn print(line: &[u8]) {
    if !sys::write_stdout(line) {
        fail(b"can't write the results to standard output");
    }
}

/// Text from the start of the buffer.
struct Line {
    bytes: [u8; LINE_BYTES],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.bytes.get_mut(self.length..).and_then(|rest| rest.get_mut(..text.len()));
        place.ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

fn print_float(value: impl Display) {
    let mut line = Line { bytes: [0; LINE_BYTES], length: 0 };
    // It has room for every float.
    _ = writeln!(line, "{value}");
    print(line.bytes.get(..line.length).unwrap_or_default());
}

/// `Builtin::PrintI32`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_i32(value: u32) {
    wasm_aot_print_i64(i64::from(value as i32) as u64);
}

/// `Builtin::PrintI64`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_i64(value: u64) {
    let magnitude = (value as i64).unsigned_abs();
    print_decimal((value as i64) < 0, [magnitude as u32, (magnitude >> 32) as u32, 0, 0]);
}

/// `Builtin::PrintF32`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_f32(value: f32) {
    print_float(value);
}

/// `Builtin::PrintF64`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_f64(value: f64) {
    print_float(value);
}

/// `Builtin::PrintV128`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_v128(low: u64, high: u64) {
    print_decimal(false, [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32]);
}

/// `Builtin::PrintReference`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_print_reference(value: u64, reference: u32) {
    let mut line = Line { bytes: [0; LINE_BYTES], length: 0 };
    let parts = [
        if value == 0 { "<null " } else { "<" },
        Reference::NAMES.get(reference as usize).copied().unwrap_or_default(),
        ">\n",
    ];
    for part in parts {
        // It has room for every name.
        _ = line.write_str(part);
    }
    print(line.bytes.get(..line.length).unwrap_or_default());
}
