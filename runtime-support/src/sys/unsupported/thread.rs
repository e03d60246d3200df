//! Threads.

use core::sync::atomic::AtomicU32;

use super::{Errno, Result, exit as end_process};

/// # Safety
/// Nothing else uses the stack.
pub unsafe fn run_first(_function: extern "C" fn(), _bottom: usize, _stack_top: *mut u8) {}

/// # Safety
/// `run` may be called so; nothing else uses the stack while the thread is alive; `alive` lives as long.
pub unsafe fn start(
    _run: unsafe extern "C" fn(*mut u8) -> !,
    _argument: *mut u8,
    _bottom: usize,
    _stack_top: *mut u8,
    _alive: *const AtomicU32,
) -> Result<()> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The thread was started with this `stack_top`.
pub unsafe fn exit(_stack_top: *mut u8) -> ! {
    end_process(1)
}
