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

/// Leaves only the name by which the process was started.
#[cfg(feature = "servers")]
pub fn forget_arguments() {
    let name = arguments().get(..1).unwrap_or_default();
    // SAFETY: called at start, by the only thread; whoever has the slice keeps it.
    unsafe { PROCESS.arguments = name };
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

/// Words of the auxiliary vector for which there is room.
#[cfg(feature = "libraries")]
const MOST_AUXILIARY: usize = 64;

/// The auxiliary vector, and the end of one that is longer.
#[cfg(feature = "libraries")]
static mut AUXILIARY: [[usize; 2]; MOST_AUXILIARY + 1] = [[AT_NULL as usize, 0]; MOST_AUXILIARY + 1];

/// Finds out what the kernel handed to the process, whose entry was another. Of that, the auxiliary vector is all that
/// libraries need.
///
/// # Safety
/// One thread at a time calls it.
#[cfg(feature = "libraries")]
pub unsafe fn read_process() {
    use super::file::{self, IoVec, Position};
    use super::{OpenFlags, dir};

    let vector = &raw mut AUXILIARY;
    // SAFETY: as the caller promises; what is read twice is the same.
    unsafe {
        if !PROCESS.auxiliary.is_null() {
            return;
        }
        PROCESS.auxiliary = vector.cast();
        let Ok(source) = dir::open(dir::AT_FDCWD, c"/proc/self/auxv", OpenFlags::READ_ONLY) else { return };
        let room = IoVec { base: vector.cast(), length: MOST_AUXILIARY * size_of::<[usize; 2]>() };
        // Without it, the functions that ask do with less.
        _ = file::read(source, &[room], Position::Current);
        file::close(source);
    }
}
