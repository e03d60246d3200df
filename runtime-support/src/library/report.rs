//! The text of a trap's backtrace, as executables print it. Written where the trap happens, perhaps in a signal handler.

use wasm_aot_abi::library::Instance;

use crate::program::program;
use crate::stack::frame::Frame;

/// Bytes of the text of a backtrace.
pub const BYTES: usize = 8 << 10;

/// Writes the backtrace from the instruction at `pc` and the frame on, up to the function that was called from outside.
/// `address`: what the instruction accessed, if the hardware says that.
pub fn record(instance: *mut Instance, pc: usize, frame: Frame, address: usize) {
    // SAFETY: this thread is in the instance.
    unsafe {
        (*instance).backtrace_length = 0;
        if (*instance).backtrace == 0 {
            return;
        }
    }
    (program().report)(pc, frame.0, address, instance);
}
