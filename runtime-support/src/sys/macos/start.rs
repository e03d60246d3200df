//! The entry of the executable, and what the system handed to the process.

use core::arch::asm;
use core::ffi::c_int;

/// NUL-terminated strings.
struct Process {
    arguments: &'static [*const u8],
    environment: &'static [*const u8],
}

static mut PROCESS: Process = Process { arguments: &[], environment: &[] };

fn process() -> &'static Process {
    // SAFETY: written once by `main`, before any other code runs.
    unsafe { &*(&raw const PROCESS) }
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
    // SAFETY: takes no pointers.
    unsafe { libc::issetugid() != 0 }
}

/// The entry, which the dynamic linker calls as `LC_MAIN` says.
///
/// # Safety
/// `argv` has `argc` strings, `env` is an array that ends with a null pointer.
#[unsafe(export_name = "main")]
unsafe extern "C" fn main(argc: c_int, argv: *const *const u8, env: *const *const u8) -> c_int {
    // SAFETY: as the caller promises; nothing else has run.
    unsafe {
        let mut count = 0;
        while !(*env.add(count)).is_null() {
            count += 1;
        }
        PROCESS = Process {
            arguments: core::slice::from_raw_parts(argv, argc as usize),
            environment: core::slice::from_raw_parts(env, count),
        };
        crate::start::run()
    }
}

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: the callee keeps the register that has the old stack pointer, so that is restored.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov r12, rsp", "mov rsp, {top}", "call {function}", "mov rsp, r12",
            top = in(reg) stack_top, function = in(reg) function, out("r12") _, clobber_abi("C"));
        #[cfg(target_arch = "aarch64")]
        asm!("mov x20, sp", "mov sp, {top}", "blr {function}", "mov sp, x20",
            top = in(reg) stack_top, function = in(reg) function, out("x20") _, clobber_abi("C"));
    }
}
