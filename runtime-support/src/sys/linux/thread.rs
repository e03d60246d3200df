//! Threads of the kernel.

#[cfg(target_arch = "aarch64")]
#[path = "clone_aarch64.rs"]
mod clone;
#[cfg(target_arch = "riscv64")]
#[path = "clone_riscv64.rs"]
mod clone;
#[cfg(target_arch = "s390x")]
#[path = "clone_s390x.rs"]
mod clone;
#[cfg(target_arch = "x86_64")]
#[path = "clone_x86_64.rs"]
mod clone;

use core::sync::atomic::AtomicU32;

use linux_raw_sys::general::{
    __NR_exit, CLONE_CHILD_CLEARTID, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD,
    CLONE_VM,
};

use super::{Result, check, syscall3};

unsafe extern "C" {
    /// The system call `clone`. The new thread calls `run(argument)` on the stack that ends at `stack_top`.
    fn wasm_aot_clone(
        flags: usize,
        stack_top: *mut u8,
        cleared: *const AtomicU32,
        argument: *mut u8,
        run: unsafe extern "C" fn(*mut u8) -> !,
    ) -> isize;
}

/// Runs the program in the first thread, on the stack that ends at `stack_top`.
///
/// # Safety
/// As for `call_on_stack`.
#[cfg(not(test))]
pub unsafe fn run_first(function: extern "C" fn(), _bottom: usize, stack_top: *mut u8) {
    // SAFETY: as the caller promises.
    unsafe { super::switch::call_on_stack(function, stack_top) };
}

/// Starts a thread that calls `run(argument)` on the stack that ends at `stack_top`. When it has ended, and
/// no longer uses its stack, the kernel sets `alive` to 0.
///
/// # Safety
/// `run` may be called so; nothing else uses the stack while the thread is alive, which is 16-byte aligned;
/// `alive` lives as long.
pub unsafe fn start(
    run: unsafe extern "C" fn(*mut u8) -> !,
    argument: *mut u8,
    _bottom: usize,
    stack_top: *mut u8,
    alive: *const AtomicU32,
) -> Result<()> {
    let flags = CLONE_VM
        | CLONE_FS
        | CLONE_FILES
        | CLONE_SIGHAND
        | CLONE_THREAD
        | CLONE_SYSVSEM
        | CLONE_CHILD_CLEARTID;
    // SAFETY: as the caller promises.
    check(unsafe { wasm_aot_clone(flags as usize, stack_top, alive, argument, run) })?;
    Ok(())
}

/// Ends this thread, which was started with this `stack_top`.
///
/// # Safety
/// Nothing that other threads use is on its stack.
pub unsafe fn exit(_stack_top: *mut u8) -> ! {
    loop {
        // SAFETY: takes no pointers, does not return.
        unsafe { syscall3(__NR_exit, 0, 0, 0) };
    }
}
