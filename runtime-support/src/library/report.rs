//! The text of a trap's backtrace: a line for each Wasm function, as executables print it. Written where the trap happens,
//! perhaps in a signal handler: no allocation, no formatting code.

use wasm_aot_abi::library::Instance;

use crate::fail::report::function_name;
use crate::line::Line;
use crate::program::program;
use crate::stack::frame::Frame;
use crate::stack::walk::walk;

/// Frames that are shown; of a deeper stack only the number of the rest is.
const MOST_FRAMES: usize = 64;

/// Bytes of the text of a backtrace.
pub const BYTES: usize = 8 << 10;

/// Writes the backtrace from the instruction at `pc` and the frame on, up to the function that was called from outside.
pub fn record(instance: *mut Instance, pc: usize, frame: Frame) {
    let program = program();
    // SAFETY: this thread is in the instance, whose buffer nobody else uses.
    let (buffer, length) = unsafe {
        (*instance).backtrace_length = 0;
        let buffer = (*instance).backtrace as *mut u8;
        if buffer.is_null() {
            return;
        }
        let buffer = core::slice::from_raw_parts_mut(buffer, (*instance).backtrace_capacity as usize);
        (buffer, &mut (*instance).backtrace_length)
    };
    let mut add = |line: &mut Line<256>| {
        let start = *length as usize;
        if let Some(place) = buffer.get_mut(start..start + line.bytes().len()) {
            place.copy_from_slice(line.bytes());
            *length += place.len() as u32;
        }
    };
    let mut count = 0;
    for name in walk(program, pc, frame).filter_map(|offset| function_name(program, offset)) {
        if count < MOST_FRAMES {
            let indent: &[u8] = if count < 10 { b"   " } else { b"  " };
            let name = name.get(..200).unwrap_or(name);
            add(Line::new().text(indent).number(count, 10).text(b": ").text(name).text(b"\n"));
        }
        count += 1;
    }
    if count > MOST_FRAMES {
        add(Line::new().text(b"  ... and ").number(count - MOST_FRAMES, 10).text(b" more\n"));
    }
}
