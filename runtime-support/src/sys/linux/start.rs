//! What the kernel handed to the process.

use core::ptr;

use linux_raw_sys::auxvec::{AT_NULL, AT_SECURE};

/// What the kernel handed to the process.
pub(super) struct Process {
    /// NUL-terminated strings.
    pub arguments: &'static [*const u8],
    /// NUL-terminated `KEY=VALUE` strings.
    pub environment: &'static [*const u8],
    /// Pairs of a type and a value; the last has the type `AT_NULL`.
    pub auxiliary: *const [usize; 2],
}

pub(super) static mut PROCESS: Process = Process { arguments: &[], environment: &[], auxiliary: ptr::null() };

fn process() -> &'static Process {
    // SAFETY: written once by `wasm_aot_start`, before any other code runs.
    unsafe { &*ptr::addr_of!(PROCESS) }
}

/// The arguments of the process, NUL-terminated.
pub fn arguments() -> &'static [*const u8] {
    process().arguments
}

/// The environment of the process: NUL-terminated `KEY=VALUE` strings.
pub fn environment() -> &'static [*const u8] {
    process().environment
}

/// Whether the process has more rights than the user who started it.
pub fn is_privileged() -> bool {
    auxiliary(AT_SECURE as usize) != 0
}

/// A word of the auxiliary vector; 0 if the kernel doesn't give it.
pub fn auxiliary(wanted: usize) -> usize {
    let mut entry = process().auxiliary;
    // SAFETY: pairs of a type and a value, up to the type AT_NULL (System V ABI, process initialisation).
    unsafe {
        while (*entry)[0] != AT_NULL as usize {
            if (*entry)[0] == wanted {
                return (*entry)[1];
            }
            entry = entry.add(1);
        }
    }
    0
}
