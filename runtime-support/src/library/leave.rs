//! The end of a call by something else than its return.

use wasm_aot_abi::library::{ImportCall, Instance, LibraryError};

use crate::stack::frame::Frame;
use crate::sys;

use super::{current, enter, info, owner, report};

/// Ends the innermost call with an error.
pub fn leave(instance: *mut Instance, error: LibraryError) -> ! {
    if !owner::is_in_call(instance) {
        abort(error.message().as_bytes());
    }
    // SAFETY: a call is under way, and functions of the runtime have nothing to clean up but what `life` does.
    unsafe { enter::leave(instance, error as i32) }
}

/// As `leave`, in a function of the embedder: the backtrace is that of the Wasm code that has called it.
pub fn from_import(instance: *mut Instance, error: LibraryError) -> ! {
    if owner::is_in_call(instance) {
        // SAFETY: this thread is in the instance.
        let call = unsafe { (*instance).import_call } as *const ImportCall;
        // SAFETY: null, or in the frame of Wasm code that hasn't gone on since.
        if let Some(ImportCall { frame, code, .. }) = unsafe { call.as_ref() } {
            report::record(instance, *code as usize, Frame(*frame as usize), 0);
        }
    }
    leave(instance, error)
}

/// `proc_exit`: ends the innermost call.
pub fn exit(code: i32) -> ! {
    let instance = current();
    // SAFETY: Wasm code is running, so this thread is in the instance.
    unsafe { (*instance).exit_code = code };
    leave(instance, LibraryError::Exited)
}

/// Ends the process, where there is no call that could end instead.
#[cold]
pub fn abort(message: &[u8]) -> ! {
    sys::write_stderr(b"wasm-aot: ");
    sys::write_stderr(message);
    sys::write_stderr(b"\n");
    sys::abort()
}

/// After a defect of the runtime: the call ends, if there is one.
pub fn panicked() -> ! {
    let only = info().state;
    let instance = if only.is_null() { enter::instance_of(Frame::current()) } else { Some(only) };
    if let Some(instance) = instance.filter(|&instance| owner::is_in_call(instance)) {
        leave(instance, LibraryError::Internal);
    }
    abort(b"internal error in the runtime")
}
