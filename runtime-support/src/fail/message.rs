//! Failures that are no traps: of the start, or of the runtime itself.

use crate::sys;

/// Exit code after a fault that is no Wasm trap: a defect of ours.
pub const INTERNAL_ERROR_EXIT_CODE: i32 = 70;

/// Ends a start-up that can't succeed, with a message that says what to do.
pub fn fail(message: &[u8]) -> ! {
    fail_because(&[message])
}

/// The same, with a message in parts.
pub fn fail_because(parts: &[&[u8]]) -> ! {
    sys::write_stderr(b"wasm-aot: ");
    for part in parts {
        sys::write_stderr(part);
    }
    sys::write_stderr(b"\n");
    sys::exit(1)
}
