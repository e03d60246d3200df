//! Process start: `_start`, self-relocation, memories, signal handlers, the Wasm stack, the program.
//!
//! Runs before anything else is set up; `relocate` may touch no relocated pointer.

mod cpu;
#[cfg(target_arch = "aarch64")]
#[path = "entry_aarch64.rs"]
mod entry;
#[cfg(target_arch = "riscv64")]
#[path = "entry_riscv64.rs"]
mod entry;
#[cfg(target_arch = "s390x")]
#[path = "entry_s390x.rs"]
mod entry;
#[cfg(target_arch = "x86_64")]
#[path = "entry_x86_64.rs"]
mod entry;
mod relocate;
mod stack;

pub use entry::call_on_stack;
pub use stack::{GUARD_BYTES, Stack, guard_contains, only_stack_top, stack_contains};

use core::ptr;

use linux_raw_sys::auxvec::AT_NULL;

use crate::{memory, program, sys, trap};

/// What the kernel handed to the process.
pub struct Process {
    /// NUL-terminated strings.
    pub args: &'static [*const u8],
    /// NUL-terminated `KEY=VALUE` strings.
    pub env: &'static [*const u8],
    /// Pairs of a type and a value; the last has the type `AT_NULL`.
    pub auxiliary: *const [usize; 2],
}

static mut PROCESS: Process = Process { args: &[], env: &[], auxiliary: ptr::null() };

/// Arguments and environment of the process.
pub fn process() -> &'static Process {
    // SAFETY: written once by `wasm_aot_start`, before any other code runs.
    unsafe { &*ptr::addr_of!(PROCESS) }
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
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_start(initial_stack: *const usize, base: usize, dynamic: *const usize) -> ! {
    // SAFETY: as the caller promises; nothing else has run.
    unsafe {
        relocate::relocate(base, dynamic);
        let argc = *initial_stack;
        let argv = initial_stack.add(1).cast::<*const u8>();
        let env = argv.add(argc + 1);
        let mut env_count = 0;
        while !(*env.add(env_count)).is_null() {
            env_count += 1;
        }
        PROCESS = Process {
            args: core::slice::from_raw_parts(argv, argc),
            env: core::slice::from_raw_parts(env, env_count),
            auxiliary: env.add(env_count + 1).cast(),
        };
    }
    let program = program::program();
    if let Some(demands) = program::cpu_demands() {
        (demands.check)(demands);
    }
    trap::install();
    memory::set_up(program);
    let stack_top = stack::allocate(program::policy().stack_size);
    if let Some(open) = program::policy().open_grants {
        open();
    }
    if let Some(start) = program::limits().and_then(|limits| limits.start_timer) {
        start();
    }
    // SAFETY: `stack_top` is the end of a fresh mapping, 16-byte aligned.
    unsafe { call_on_stack(program.main, stack_top) };
    sys::exit(0)
}

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
