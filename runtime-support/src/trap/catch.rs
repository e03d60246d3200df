//! Calls a function and comes back when it traps: for scripts, which go on after a trap.

#[cfg(target_arch = "aarch64")]
#[path = "catch_aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "catch_x86_64.rs"]
mod arch;

use wasm_aot_abi::trap::Trap;

use crate::sys::signal::Context;

/// Where to go on after a trap; all zero when nothing catches.
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
        CATCHER.landing = arch::landing();
        let code = arch::call_catching(function, argument, &raw mut CATCHER.stack_pointer);
        CATCHER.landing = 0;
        code
    };
    match Trap::from_code(code as u8) {
        None => Ok(()),
        Some(trap) => Err(trap),
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
