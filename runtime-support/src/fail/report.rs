//! What a program prints when it ends by a trap: the trap in the words of the specification and
//! the Wasm functions on the stack. Runs in a signal handler: no allocation, no formatting code.

use wasm_aot_abi::layout::FunctionTable;
use wasm_aot_abi::library::Instance;

use super::output::Output;
use crate::line::Line;
use crate::program::{program, slice};
use crate::stack::frame::Frame;
use crate::stack::walk::walk;
#[cfg(not(feature = "libraries"))]
use crate::sys::signal::Fault;

/// Frames that are printed; of a deeper stack only the number of the rest is.
const MAX_FRAMES: usize = 64;

/// Reports a Wasm trap. `address`: what the instruction accessed, if the hardware says that.
#[cfg(not(feature = "libraries"))]
pub fn trap(message: &[u8], pc: usize, frame: Frame, address: usize) {
    Line::<512>::new().text(b"wasm trap: ").text(message).text(b"\n").print();
    frames(pc, frame, address);
}

/// Reports a fault that Wasm code can't have caused.
#[cfg(not(feature = "libraries"))]
pub fn internal_error(fault: &Fault<'_>) {
    Line::<512>::new()
        .text(Fault::INTERNAL_ERROR)
        .number(fault.number as usize, Fault::NUMBER_BASE)
        .text(b" at 0x")
        .number(fault.pc, 16)
        .text(b", address 0x")
        .number(fault.address, 16)
        .text(b"\n")
        .print();
    frames(fault.pc, Frame::interrupted(fault.context), fault.address);
}

#[cfg(not(feature = "libraries"))]
fn frames(pc: usize, frame: Frame, address: usize) {
    (program().report)(pc, frame.0, address, core::ptr::null_mut());
}

/// The `Reader` of programs in which nothing was inlined.
enum Plain {}

/// `wasm_aot_abi::symbols::REPORT_NAMES`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_report_names(pc: usize, frame: usize, _address: usize, instance: *mut Instance) {
    let program = program();
    let offsets = walk::<Plain>(program, pc, Frame(frame));
    show(instance, offsets.filter_map(|offset| function_name::<Plain>(&program.functions, offset)));
}

/// Shows frames by the names of their functions.
#[inline(always)]
pub fn show<'n>(instance: *mut Instance, names: impl Iterator<Item = &'n [u8]>) {
    let output = Output::new(instance);
    let mut count = 0;
    for name in names {
        if count < MAX_FRAMES {
            let indent: &[u8] = if count < 10 { b"   " } else { b"  " };
            let name = if cfg!(feature = "libraries") { name.get(..200).unwrap_or(name) } else { name };
            output.put(Line::<512>::new().text(indent).number(count, 10).text(b": ").text(name).text(b"\n"));
        }
        count += 1;
    }
    if count > MAX_FRAMES {
        let more = count - MAX_FRAMES;
        output.put(Line::<512>::new().text(b"  ... and ").number(more, 10).text(b" more\n"));
    }
}

/// `wasm_aot_abi::symbols::REPORT_NOTHING`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_report_nothing(_pc: usize, _frame: usize, _address: usize, _instance: *mut Instance) {}

/// Name of the function that has this code offset; `None` for the code between the functions. `Reader`: as for [`walk`].
#[inline(always)]
pub fn function_name<Reader>(functions: &FunctionTable, offset: u32) -> Option<&'static [u8]> {
    let count = functions.count;
    // SAFETY: the compiler describes its own data.
    let (starts, ends) =
        unsafe { (slice(functions.starts, count), slice(functions.name_offsets, count + 1)) };
    let index = starts.partition_point(|&start| start <= offset).checked_sub(1)?;
    let (start, end) = (*ends.get(index)?, *ends.get(index + 1)?);
    if start == end {
        return None;
    }
    // SAFETY: as above; offsets ascend.
    Some(unsafe { slice(functions.names.add(start as usize), u64::from(end.wrapping_sub(start))) })
}
