//! Frames of x86-64 on Windows. Wasm code links its frames as on other systems. Functions of the runtime don't: their
//! frame pointers point anywhere in their frames, so the system's tables lead through them, up to the Wasm code that
//! called the first of them.

use core::ptr;

use crate::program::{code_offset, program};
use crate::stack::bounds::stack_contains;
use crate::sys::signal::{Context, capture, unwind};

/// Offset of the return address from the frame pointer.
pub const RETURN_ADDRESS: usize = 8;

/// How the report of a fault continues, before the address of the access.
pub const ACCESS_AT: &[u8] = b" at 0x";

/// Frame pointer of the interrupted function, or the words of the function of the runtime that Wasm code called, if
/// that or one that it called was interrupted.
pub fn interrupted(context: &Context) -> usize {
    if is_wasm(context) {
        return context.frame_pointer();
    }
    // SAFETY: registers, which are copied.
    outermost_host(unsafe { ptr::read(context) })
}

/// The words of the function of the runtime that Wasm code called, below which this one is.
#[inline(never)]
pub fn current() -> usize {
    outermost_host(capture())
}

fn is_wasm(context: &Context) -> bool {
    #[cfg(feature = "libraries")]
    if crate::library::enter::is_entered(context.fault_pc(0)) {
        return true;
    }
    code_offset(program(), context.fault_pc(0)).is_some()
}

/// Where the frame pointer of Wasm code is that a function of the runtime has saved first of all, below its return
/// address. An address in no stack, if Wasm code called nothing.
fn outermost_host(mut context: Context) -> usize {
    while unwind(&mut context, stack_contains) {
        if is_wasm(&context) {
            return context.stack_pointer() - 2 * size_of::<usize>();
        }
    }
    0
}
