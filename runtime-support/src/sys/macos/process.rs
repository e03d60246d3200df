//! The process: exit, standard output and error.

use super::Errno;
use super::error::check;

/// Ends the process at once: nothing is registered to be called then.
pub fn exit(code: i32) -> ! {
    // SAFETY: takes no pointers, does not return.
    unsafe { libc::_exit(code) }
}

/// Writes a message to standard error; errors are ignored, there is nowhere to report them.
pub fn write_stderr(bytes: &[u8]) {
    write_all(2, bytes);
}

/// Writes to standard output; whether all was written.
pub fn write_stdout(bytes: &[u8]) -> bool {
    write_all(1, bytes)
}

fn write_all(descriptor: i32, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        // SAFETY: the system reads `bytes`.
        match check(unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) }) {
            Ok(written) if written > 0 => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            _ => return false,
        }
    }
    true
}
