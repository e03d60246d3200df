//! The process: exit, standard streams, and the handles behind descriptors.

use core::ptr;

use super::api::{CURRENT_PROCESS, GetStdHandle, HANDLE, TerminateProcess, WriteFile};
use super::sockets;
use crate::sys::types::Fd;

/// The bits of descriptors that the system ignores.
pub const APPEND: Fd = 1;
pub const NONBLOCK: Fd = 2;
pub const MODE: Fd = APPEND | NONBLOCK;

/// Ends the process at once. Except for sockets, the system's libraries needn't be notified, and they would wait for
/// locks that interrupted code holds.
pub fn exit(code: i32) -> ! {
    if let Some(sockets) = sockets::sockets() {
        (sockets.close_all)();
    }
    loop {
        // SAFETY: takes no pointers, does not return.
        unsafe { TerminateProcess(CURRENT_PROCESS, code as u32) };
    }
}

/// The handle of a standard stream: 0 is input, 1 output, 2 errors. Invalid if the process has none.
pub fn stream(number: u32) -> HANDLE {
    // STD_INPUT_HANDLE is -10, the others follow it downwards.
    // SAFETY: takes no pointers.
    unsafe { GetStdHandle((-10_i32 as u32).wrapping_sub(number)) }
}

/// The handle behind a descriptor.
#[inline(always)]
pub fn handle(fd: Fd) -> HANDLE {
    if (0..=2).contains(&fd) { stream(fd as u32) } else { (fd & !MODE) as HANDLE }
}

/// Writes a message to standard error; errors are ignored, there is nowhere to report them.
pub fn write_stderr(bytes: &[u8]) {
    write_all(2, bytes);
}

/// Writes to standard output; whether all was written.
pub fn write_stdout(bytes: &[u8]) -> bool {
    write_all(1, bytes)
}

fn write_all(number: u32, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        let mut written = 0;
        // SAFETY: reads `bytes`, writes `written`.
        let done = unsafe {
            let length = bytes.len().min(1 << 30) as u32;
            WriteFile(stream(number), bytes.as_ptr(), length, &raw mut written, ptr::null_mut())
        };
        bytes = bytes.get(written as usize..).unwrap_or_default();
        if done == 0 || written == 0 {
            return false;
        }
    }
    true
}
