//! Exceptions of the hardware, by a vectored handler, and the register state that it sees and may change. It runs
//! on the stack of the thread that raised the exception.

pub use super::context::Context;
#[cfg(target_arch = "x86_64")]
pub use super::unwind::{capture, unwind};
pub use crate::sys::types::{Fault, Handler};

use super::api::{AddVectoredExceptionHandler, EXCEPTION_POINTERS};

/// Exceptions are dispatched on the stack of the thread, so no thread needs another one for them.
pub const STACK_BYTES: usize = 0;

/// Makes this thread ready for exceptions.
///
/// # Safety
/// None: the address means nothing.
pub unsafe fn use_stack(_bottom: *mut u8) {
    // Without it, a trap by an exhausted stack might have no room to be reported; the thread itself can go on.
    _ = super::stack::guarantee();
}

/// Numbers of exceptions (`ntstatus.h`).
pub const ACCESS_VIOLATION: u32 = 0xc000_0005;
pub const IN_PAGE_ERROR: u32 = 0xc000_0006;
pub const ILLEGAL_INSTRUCTION: u32 = 0xc000_001d;
pub const INTEGER_DIVIDE_BY_ZERO: u32 = 0xc000_0094;
pub const INTEGER_OVERFLOW: u32 = 0xc000_0095;
const STACK_OVERFLOW: u32 = 0xc000_00fd;

/// What handlers return: whether the thread goes on with its context, or others are asked.
pub const CONTINUE_EXECUTION: i32 = -1;
pub const CONTINUE_SEARCH: i32 = 0;

impl Fault<'_> {
    /// What the report of a fault that Wasm code can't have caused begins with, before the number, and the base of that.
    pub const INTERNAL_ERROR: &'static [u8] = b"wasm-aot: internal error: exception 0x";
    pub const NUMBER_BASE: usize = 16;

    /// Whether the fault is an access of memory.
    #[inline(always)]
    pub fn is_access(&self) -> bool {
        matches!(self.number, ACCESS_VIOLATION | IN_PAGE_ERROR | STACK_OVERFLOW)
    }
}

static mut HANDLER: Option<Handler> = None;

/// Directs the hardware faults to `handler`.
pub fn install(handler: Handler) {
    // SAFETY: called once, at start; `entry` has the type of a vectored handler.
    unsafe {
        HANDLER = Some(handler);
        AddVectoredExceptionHandler(1, entry);
    }
}

/// Ends the process with an exception that no handler gets, but Windows Error Reporting (`__fastfail`).
pub fn die() -> ! {
    /// `FAST_FAIL_FATAL_APP_EXIT` (winnt.h).
    const FATAL_APP_EXIT: u32 = 7;
    // SAFETY: the system ends the process.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("int 0x29", in("ecx") FATAL_APP_EXIT, options(noreturn, nostack));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("brk #0xf003", in("w0") FATAL_APP_EXIT, options(noreturn, nostack));
    }
}

/// Nothing: writes to a broken pipe fail.
pub fn end_by_broken_pipes() {}

unsafe extern "C" {
    /// The headers of the executable, defined by linkers.
    safe static __ImageBase: [u8; 0x40];
}

/// Whether this is an address in the executable, and not in a library of the system, which may handle its own faults.
fn is_ours(pc: usize) -> bool {
    let base = &raw const __ImageBase;
    // SAFETY: the headers of an image are readable: the offset of those of the PE format is at 0x3c, the size of
    // the image 0x50 bytes into them.
    let bytes = unsafe {
        let base = base.cast::<u8>();
        let headers = base.add(base.add(0x3c).cast::<u32>().read() as usize);
        headers.add(0x50).cast::<u32>().read() as usize
    };
    pc.wrapping_sub(base.addr()) < bytes
}

/// # Safety
/// Called by the system as a vectored handler.
unsafe extern "system" fn entry(pointers: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system's structures; the context is ours to change.
    let (record, context) = unsafe { (&*(*pointers).ExceptionRecord, &mut *(*pointers).ContextRecord) };
    let (number, pc) = (record.ExceptionCode, context.fault_pc(0));
    let address = match number {
        ACCESS_VIOLATION | IN_PAGE_ERROR => record.ExceptionInformation[1],
        STACK_OVERFLOW => super::stack::below(),
        ILLEGAL_INSTRUCTION | INTEGER_DIVIDE_BY_ZERO | INTEGER_OVERFLOW => 0,
        _ => return CONTINUE_SEARCH,
    };
    if number != STACK_OVERFLOW && !is_ours(pc) {
        return CONTINUE_SEARCH;
    }
    // SAFETY: `install` has set it.
    let handler = unsafe { HANDLER.unwrap_unchecked() };
    handler(Fault { number, address, pc, context });
    CONTINUE_EXECUTION
}
