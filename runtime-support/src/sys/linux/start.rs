//! The entry of the executable: `_start`, self-relocation, what the kernel handed to the process.
//!
//! Runs before anything else is set up; `relocate` may touch no relocated pointer.

#[cfg(not(test))]
#[cfg_attr(target_arch = "aarch64", path = "entry_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "entry_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "entry_s390x.rs")]
#[cfg_attr(target_arch = "x86_64", path = "entry_x86_64.rs")]
mod entry;

#[cfg(not(test))]
pub use entry::call_on_stack;

use core::ptr;

use linux_raw_sys::auxvec::{AT_NULL, AT_SECURE};

use super::relocate::relocate;

/// What the kernel handed to the process.
struct Process {
    /// NUL-terminated strings.
    arguments: &'static [*const u8],
    /// NUL-terminated `KEY=VALUE` strings.
    environment: &'static [*const u8],
    /// Pairs of a type and a value; the last has the type `AT_NULL`.
    auxiliary: *const [usize; 2],
}

static mut PROCESS: Process = Process { arguments: &[], environment: &[], auxiliary: ptr::null() };

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

/// Has the process more rights than who started it?
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

/// Rust entry, called by the assembly of `_start` on the initial stack.
///
/// # Safety
/// `initial_stack` is the stack pointer as the kernel set it (System V ABI, process
/// initialisation), `base` the address of the ELF header, `dynamic` that of the dynamic section.
#[cfg(not(test))]
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_start(initial_stack: *const usize, base: usize, dynamic: *const usize) -> ! {
    // SAFETY: as the caller promises; nothing else has run.
    unsafe {
        relocate(base, dynamic);
        let argc = *initial_stack;
        let argv = initial_stack.add(1).cast::<*const u8>();
        let env = argv.add(argc + 1);
        let mut env_count = 0;
        while !(*env.add(env_count)).is_null() {
            env_count += 1;
        }
        PROCESS = Process {
            arguments: core::slice::from_raw_parts(argv, argc),
            environment: core::slice::from_raw_parts(env, env_count),
            auxiliary: env.add(env_count + 1).cast(),
        };
        crate::start::run()
    }
}
