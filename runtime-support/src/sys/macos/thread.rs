//! Threads, by libpthread. Each has a small stack of the system's, from which it goes to the program's stack and back:
//! so the latter is out of use when it is said to be, whatever the system does at the end of a thread.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::switch::call_on_stack;
use super::{Errno, Result};
use crate::stack::catch;

/// What a thread does.
type Run = unsafe extern "C" fn(*mut u8) -> !;

/// What a new thread has to know: at the end of the program's stack, which starts below.
#[repr(C, align(16))]
struct Start {
    run: Run,
    argument: *mut u8,
    alive: *const AtomicU32,
    /// Where to go on when the thread ends.
    system_stack: usize,
}

/// Bytes of the system's stack.
const SYSTEM_STACK_BYTES: usize = 64 << 10;

/// What functions of libpthread return.
fn check(error: i32) -> Result<()> {
    if error == 0 { Ok(()) } else { Err(Errno(error as u32)) }
}

/// Runs the program in the first thread, on the stack that ends at `stack_top`.
///
/// # Safety
/// Nothing else uses the stack.
pub unsafe fn run_first(function: extern "C" fn(), _bottom: usize, stack_top: *mut u8) {
    // SAFETY: as the caller promises.
    unsafe { call_on_stack(function, stack_top) };
}

/// Starts a thread that calls `run(argument)` on the stack that ends at `stack_top`. When it has ended, and
/// no longer uses its stack, `alive` becomes 0.
///
/// # Safety
/// `run` may be called so, and ends with `exit`; nothing else uses the stack while the thread is alive, which is 16-byte
/// aligned; `alive` lives as long.
pub unsafe fn start(
    run: Run,
    argument: *mut u8,
    _bottom: usize,
    stack_top: *mut u8,
    alive: *const AtomicU32,
) -> Result<()> {
    let (mut attributes, mut thread) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    let attributes = attributes.as_mut_ptr();
    // SAFETY: the stack is as the caller promises; the system reads and writes the attributes.
    unsafe {
        let start = stack_top.cast::<Start>().sub(1);
        start.write(Start { run, argument, alive, system_stack: 0 });
        check(libc::pthread_attr_init(attributes))?;
        libc::pthread_attr_setdetachstate(attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::pthread_attr_setstacksize(attributes, SYSTEM_STACK_BYTES);
        let created = libc::pthread_create(thread.as_mut_ptr(), attributes, enter, start.cast());
        libc::pthread_attr_destroy(attributes);
        check(created)
    }
}

/// What the system runs in the thread.
extern "C" fn enter(start: *mut c_void) -> *mut c_void {
    let start = start.cast::<Start>();
    // SAFETY: `start` has written it, and nobody else uses it until `alive` is cleared.
    unsafe {
        let alive = (*start).alive;
        catch::call_until_left(leave, start.cast(), &raw mut (*start).system_stack);
        (*alive).store(0, Ordering::Release);
    }
    ptr::null_mut()
}

/// Goes to the stack of the program.
extern "C" fn leave(start: *mut u64) {
    let top = start.cast::<Start>();
    // SAFETY: as in `enter`. What is called doesn't return.
    unsafe {
        let (run, argument) = ((*top).run, (*top).argument);
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov rsp, {top}", "xor ebp, ebp", "call {run}", "ud2",
            top = in(reg) top, run = in(reg) run, in("rdi") argument, options(noreturn));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov sp, {top}", "mov x29, xzr", "blr {run}", "udf 0",
            top = in(reg) top, run = in(reg) run, in("x0") argument, options(noreturn));
    }
}

/// Ends this thread, which was started with this `stack_top`.
///
/// # Safety
/// It was.
pub unsafe fn exit(stack_top: *mut u8) -> ! {
    // SAFETY: as the caller promises; `enter` waits there.
    unsafe { catch::leave_to((*stack_top.cast::<Start>().sub(1)).system_stack) }
}
