//! What the system handed to the process.

/// NUL-terminated strings.
pub(super) struct Process {
    pub arguments: &'static [*const u8],
    pub environment: &'static [*const u8],
}

pub(super) static mut PROCESS: Process = Process { arguments: &[], environment: &[] };

fn process() -> &'static Process {
    // SAFETY: written once by `main`, before any other code runs.
    unsafe { &*(&raw const PROCESS) }
}

/// Finds out what the system handed to the process, whose entry was another: nothing that libraries need.
///
/// # Safety
/// None.
#[cfg(feature = "libraries")]
pub unsafe fn read_process() {}

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
    // SAFETY: takes no pointers.
    unsafe { libc::issetugid() != 0 }
}
