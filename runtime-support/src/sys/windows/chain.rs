//! A handler of exceptions beside those of the program that we are a library of: what isn't ours goes on to them.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::api::{AddVectoredExceptionHandler, EXCEPTION_POINTERS, RemoveVectoredExceptionHandler};
use super::signal::{
    ACCESS_VIOLATION, CONTINUE_EXECUTION, CONTINUE_SEARCH, ILLEGAL_INSTRUCTION, IN_PAGE_ERROR,
    INTEGER_DIVIDE_BY_ZERO, INTEGER_OVERFLOW,
};
use crate::sys::types::Fault;

/// Whether the fault was handled: its context is changed.
type Handler = fn(Fault<'_>) -> bool;

static mut HANDLER: Option<Handler> = None;

/// What the system calls our handler; null if it doesn't know it.
static INSTALLED: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Has the faults of the process shown to `handler` first. One thread at a time may do this.
pub fn install(handler: Handler) {
    if INSTALLED.load(Ordering::Relaxed).is_null() {
        // SAFETY: always the same function, and nobody reads it yet; `entry` has the type of a vectored handler.
        unsafe {
            HANDLER = Some(handler);
            INSTALLED.store(AddVectoredExceptionHandler(1, entry), Ordering::Relaxed);
        }
    }
}

/// Undoes it.
pub fn remove() {
    let installed = INSTALLED.swap(ptr::null_mut(), Ordering::Relaxed);
    if !installed.is_null() {
        // SAFETY: what the system gave.
        unsafe { RemoveVectoredExceptionHandler(installed) };
    }
}

/// Handles an exception that the program's own handler got; whether it was ours.
///
/// # Safety
/// The argument is that of a handler.
unsafe fn handle(pointers: *mut EXCEPTION_POINTERS) -> bool {
    // SAFETY: the system's structures; the context is ours to change. `HANDLER` is written before Wasm code runs.
    let (record, context, handler) =
        unsafe { (&*(*pointers).ExceptionRecord, &mut *(*pointers).ContextRecord, HANDLER) };
    let (number, pc) = (record.ExceptionCode, context.fault_pc(0));
    let address = match number {
        ACCESS_VIOLATION | IN_PAGE_ERROR => record.ExceptionInformation[1],
        ILLEGAL_INSTRUCTION | INTEGER_DIVIDE_BY_ZERO | INTEGER_OVERFLOW => 0,
        _ => return false,
    };
    handler.is_some_and(|handler| handler(Fault { number, address, pc, context }))
}

/// # Safety
/// Called by the system as a vectored handler.
unsafe extern "system" fn entry(pointers: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: as the caller promises.
    if unsafe { handle(pointers) } { CONTINUE_EXECUTION } else { CONTINUE_SEARCH }
}

/// `wasm_aot_abi::library::HANDLE_EXCEPTION`.
///
/// # Safety
/// The argument is that of a vectored handler of exceptions.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_handle_exception(pointers: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: as the caller promises.
    i32::from(unsafe { handle(pointers) })
}
