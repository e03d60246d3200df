//! From a function to its caller by the tables of the executable, x86-64.

use core::ptr;

use super::api::{RtlCaptureContext, RtlLookupFunctionEntry, RtlVirtualUnwind};
use super::context::Context;

/// The registers of the caller.
#[inline(always)]
pub fn capture() -> Context {
    let mut context = Context::ZERO;
    // SAFETY: writes `context`.
    unsafe { RtlCaptureContext(&raw mut context) };
    context
}

/// Makes the registers those of the caller; false if there is none. `stack_contains`: whether an address is in a stack of
/// the program.
pub fn unwind(context: &mut Context, stack_contains: impl Fn(usize) -> bool) -> bool {
    let (mut base, mut frame, mut data) = (0, 0, ptr::null_mut());
    let pc = context.fault_pc(0);
    // SAFETY: reads the tables and the stack, writes what it is given. Without an entry the function has no frame,
    // and its return address is where the stack pointer points.
    unsafe {
        let function = RtlLookupFunctionEntry(pc, &raw mut base, ptr::null_mut());
        if function.is_null() {
            let stack_pointer = context.stack_pointer();
            if !stack_contains(stack_pointer) {
                return false;
            }
            let caller = ptr::with_exposed_provenance::<usize>(stack_pointer).read();
            context.leave(caller);
        } else {
            RtlVirtualUnwind(0, base, pc, function, context, &raw mut data, &raw mut frame, ptr::null_mut());
        }
    }
    context.fault_pc(0) != 0
}
