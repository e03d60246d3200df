//! What a program prints when it ends by a trap: the trap in the words of the specification and
//! the Wasm functions on the stack. Runs in a signal handler: no allocation, no formatting code.

use wasm_aot_abi::layout::ProgramInfo;

use crate::program::slice;
use crate::stack::frame::Frame;
use crate::stack::walk::walk;
use crate::sys::signal::Fault;

/// Frames that are printed; of a deeper stack only the number of the rest is.
const MAX_FRAMES: usize = 64;

type Line = crate::line::Line<512>;

/// Reports a Wasm trap.
pub fn trap(program: &ProgramInfo, message: &[u8], pc: usize, frame: Frame) {
    Line::new().text(b"wasm trap: ").text(message).text(b"\n").print();
    frames(program, pc, frame);
}

/// Reports a fault that Wasm code can't have caused.
pub fn internal_error(program: &ProgramInfo, fault: &Fault<'_>) {
    Line::new()
        .text(b"wasm-aot: internal error: ")
        .text(Fault::NUMBER_NAME)
        .number(fault.number as usize, Fault::NUMBER_BASE)
        .text(b" at 0x")
        .number(fault.pc, 16)
        .text(b", address 0x")
        .number(fault.address, 16)
        .text(b"\n")
        .print();
    frames(program, fault.pc, Frame::interrupted(fault.context));
}

fn frames(program: &ProgramInfo, pc: usize, frame: Frame) {
    let mut count = 0;
    for name in walk(program, pc, frame).filter_map(|offset| function_name(program, offset)) {
        if count < MAX_FRAMES {
            let indent: &[u8] = if count < 10 { b"   " } else { b"  " };
            Line::new().text(indent).number(count, 10).text(b": ").text(name).text(b"\n").print();
        }
        count += 1;
    }
    if count > MAX_FRAMES {
        Line::new().text(b"  ... and ").number(count - MAX_FRAMES, 10).text(b" more\n").print();
    }
}

/// Name of the function that has this code offset; `None` for the code between the functions.
pub fn function_name(program: &ProgramInfo, offset: u32) -> Option<&'static [u8]> {
    let count = program.functions.count;
    // SAFETY: the compiler describes its own data.
    let (starts, ends) =
        unsafe { (slice(program.functions.starts, count), slice(program.functions.name_offsets, count + 1)) };
    let index = starts.partition_point(|&start| start <= offset).checked_sub(1)?;
    let (start, end) = (*ends.get(index)?, *ends.get(index + 1)?);
    if start == end {
        return None;
    }
    // SAFETY: as above; offsets ascend.
    Some(unsafe { slice(program.functions.names.add(start as usize), u64::from(end.wrapping_sub(start))) })
}
