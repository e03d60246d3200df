//! Calls a function and returns when it traps: for scripts, which continue after a trap.

#[cfg_attr(target_arch = "aarch64", path = "catch_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "catch_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "catch_s390x.rs")]
#[cfg_attr(all(target_arch = "x86_64", not(target_os = "windows")), path = "catch_x86_64.rs")]
#[cfg_attr(all(target_arch = "x86_64", target_os = "windows"), path = "catch_x86_64_windows.rs")]
mod arch;

use wasm_aot_abi::trap::Trap;

use super::resume::go_to;
use crate::sys;
use crate::sys::signal::Context;

unsafe extern "C" {
    /// Calls `function(argument)` and returns 0. It saves all registers that it must keep on the
    /// stack, and stores the stack pointer; execution that is resumed at the landing with that stack
    /// pointer returns the value in the first return register instead.
    fn wasm_aot_call_catching(
        function: extern "C" fn(*mut u64),
        argument: *mut u64,
        stack_pointer: *mut usize,
    ) -> usize;
    /// The landing: no function.
    fn wasm_aot_call_landing();
}

/// Where to continue after a trap; all zero when nothing catches.
struct Catcher {
    stack_pointer: usize,
    landing: usize,
}

static mut CATCHER: Catcher = Catcher { stack_pointer: 0, landing: 0 };

/// Calls `function(argument)`; `Err` if it trapped. Not reentrant.
///
/// # Safety
/// `argument` is what `function` wants.
pub unsafe fn call(function: extern "C" fn(*mut u64), argument: *mut u64) -> Result<(), Trap> {
    // SAFETY: single-threaded; the assembly fills in the stack pointer to come back to. Frames
    // between here and the trap are Wasm code, which has nothing to clean up.
    let code = unsafe {
        CATCHER.landing = wasm_aot_call_landing as *const () as usize;
        let code = wasm_aot_call_catching(function, argument, &raw mut CATCHER.stack_pointer);
        CATCHER.landing = 0;
        code
    };
    match Trap::from_code(code as u8) {
        None => Ok(()),
        Some(trap) => {
            if trap == Trap::CallStackExhausted {
                sys::stack::recover();
            }
            Err(trap)
        }
    }
}

/// Calls `function(argument)`, which ends by [`leave_to`] with what is stored at `stack_pointer`.
///
/// # Safety
/// `argument` is what `function` wants; nothing in the frames that are left has anything to clean up.
#[cfg(any(target_os = "macos", feature = "servers"))]
pub unsafe fn call_until_left(
    function: extern "C" fn(*mut u64),
    argument: *mut u64,
    stack_pointer: *mut usize,
) {
    // SAFETY: as the caller promises.
    unsafe { wasm_aot_call_catching(function, argument, stack_pointer) };
}

/// Continues behind [`call_until_left`].
///
/// # Safety
/// It has stored this stack pointer, and the function that it calls hasn't returned.
#[cfg(any(target_os = "macos", feature = "servers"))]
pub unsafe fn leave_to(stack_pointer: usize) -> ! {
    // SAFETY: as the caller promises.
    unsafe { go_to(wasm_aot_call_landing as *const () as usize, stack_pointer, 0) }
}

/// If a call is being caught, continues after it.
pub fn leave(trap: Trap) {
    // SAFETY: single-threaded; the landing expects to be entered so.
    unsafe {
        if CATCHER.landing != 0 {
            go_to(CATCHER.landing, CATCHER.stack_pointer, trap as usize);
        }
    }
}

/// If a call is being caught, makes the interrupted code continue after it.
pub fn resume(trap: Trap, context: &mut Context) -> bool {
    // SAFETY: single-threaded; read in the signal handler of the thread that wrote it.
    let (landing, stack_pointer) = unsafe { (CATCHER.landing, CATCHER.stack_pointer) };
    if landing == 0 {
        return false;
    }
    context.resume_at(landing, stack_pointer, trap as usize);
    true
}
