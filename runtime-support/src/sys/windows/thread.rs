//! Threads. The system makes stacks where it likes, but the program wants each at the end of a region of its own (see
//! `wasm_aot_abi::layout::ThreadInfo`). So a thread starts on a small stack of the system's and goes over to that, of
//! which it tells the system in the TEB, as fibers do: functions of the system and the delivery of exceptions rely on
//! these fields ("TEB": StackBase, StackLimit, DeallocationStack). Before it ends it goes back, because the system
//! unmaps the stack that the TEB names.

#[cfg(target_arch = "aarch64")]
#[path = "thread_aarch64.rs"]
mod switch;
#[cfg(target_arch = "x86_64")]
#[path = "thread_x86_64.rs"]
mod switch;

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::AtomicU32;

use super::api::{CloseHandle, CreateThread};
use super::error::last;
use super::{Result, scan};

/// The words above a stack that a thread starts on. The assembly knows their places.
#[repr(C)]
struct Start {
    /// Stack pointer on the stack of the system.
    system_stack: usize,
    run: unsafe extern "C" fn(*mut u8) -> !,
    argument: *mut u8,
    alive: *const AtomicU32,
    bottom: usize,
}

/// Bytes above a stack that nobody else uses: to the end of the region.
const ABOVE_STACK: usize = 64;

const _: () = assert!(size_of::<Start>() <= ABOVE_STACK);

unsafe extern "system" {
    /// What a thread of the system runs: goes over to the stack that the `Start` is above, and calls `run` there.
    fn wasm_aot_thread_start(start: *mut c_void) -> u32;
    /// Goes back to the stack of the system and calls `ended`.
    fn wasm_aot_thread_end() -> !;
}

/// Runs the program in the first thread, on the stack from `bottom` to `stack_top`.
///
/// # Safety
/// Nothing else uses the stack, nor `ABOVE_STACK` bytes above it, which are writable.
pub unsafe fn run_first(function: extern "C" fn(), bottom: usize, stack_top: *mut u8) {
    super::stack::guard(bottom);
    // SAFETY: as the caller promises.
    unsafe { switch::call_on_stack(function, bottom, stack_top) };
}

/// Starts a thread that calls `run(argument)` on the stack from `bottom` to `stack_top`. When it has ended, and no
/// longer uses its stack, `alive` is 0.
///
/// # Safety
/// `run` may be called so; nothing else uses the stack while the thread is alive, nor `ABOVE_STACK` bytes above it;
/// `alive` lives as long.
pub unsafe fn start(
    run: unsafe extern "C" fn(*mut u8) -> !,
    argument: *mut u8,
    bottom: usize,
    stack_top: *mut u8,
    alive: *const AtomicU32,
) -> Result<()> {
    /// Bytes of the stack of the system, and that they are to be reserved.
    const STACK_BYTES: usize = 256 << 10;
    const STACK_SIZE_PARAM_IS_A_RESERVATION: u32 = 0x1_0000;
    scan::share();
    super::stack::guard(bottom);
    let start = stack_top.cast::<Start>();
    // SAFETY: as the caller promises.
    unsafe {
        start.write(Start { system_stack: 0, run, argument, alive, bottom });
        let (flags, none) = (STACK_SIZE_PARAM_IS_A_RESERVATION, ptr::null_mut());
        match CreateThread(none, STACK_BYTES, wasm_aot_thread_start, start.cast(), flags, none.cast()) {
            0 => Err(last()),
            handle => {
                CloseHandle(handle);
                Ok(())
            }
        }
    }
}

/// Ends this thread, which was started with this `stack_top`.
///
/// # Safety
/// It was.
pub unsafe fn exit(_stack_top: *mut u8) -> ! {
    // SAFETY: it is on the stack that it was started on.
    unsafe { wasm_aot_thread_end() }
}
