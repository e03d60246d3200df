//! The process: exit, standard output and error.

use linux_raw_sys::general::{__NR_exit_group, __NR_write};

use super::{Errno, syscall3};

/// Ends the process at once.
pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: takes no pointers, does not return.
        unsafe { syscall3(__NR_exit_group, code as usize, 0, 0) };
    }
}

/// Writes a message to standard error; errors are ignored, there is nowhere to report them.
pub fn write_stderr(bytes: &[u8]) {
    write_all(2, bytes);
}

/// Writes to standard output; whether all was written.
pub fn write_stdout(bytes: &[u8]) -> bool {
    write_all(1, bytes)
}

fn write_all(descriptor: usize, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        // SAFETY: the kernel reads `bytes`.
        let n = unsafe { syscall3(__NR_write, descriptor, bytes.as_ptr() as usize, bytes.len()) };
        if n <= 0 {
            if n == -(Errno::INTR.0 as isize) {
                continue;
            }
            return false;
        }
        bytes = bytes.get(n as usize..).unwrap_or_default();
    }
    true
}
