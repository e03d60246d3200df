//! The entry of the executable: `_start`, self-relocation.
//!
//! Runs before anything else is set up; `relocate` may touch no relocated pointer.

#[cfg_attr(target_arch = "aarch64", path = "entry_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "entry_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "entry_s390x.rs")]
#[cfg_attr(target_arch = "x86_64", path = "entry_x86_64.rs")]
mod arch;

use super::relocate::relocate;
use super::start::{PROCESS, Process};

/// Rust entry, called by the assembly of `_start` on the initial stack.
///
/// # Safety
/// `initial_stack` is the stack pointer as the kernel set it (System V ABI, process
/// initialisation), `base` the address of the ELF header, `dynamic` that of the dynamic section.
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
