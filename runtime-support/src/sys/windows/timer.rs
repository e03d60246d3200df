//! A timer that ends the process: a thread that sleeps, and then stops the one that runs the program.

use core::ffi::c_void;
use core::ptr;

use super::api::{
    CURRENT_PROCESS, CURRENT_THREAD, CreateThread, DuplicateHandle, GetThreadContext, HANDLE, Sleep,
    SuspendThread,
};
use super::error::{check, last};
use super::signal::Context;
use super::{Result, exit};

pub use crate::sys::types::Expired;

const DUPLICATE_SAME_ACCESS: u32 = 2;

struct Timer {
    nanoseconds: u64,
    expired: Option<Expired>,
    /// The thread that runs the program.
    thread: HANDLE,
}

static mut TIMER: Timer = Timer { nanoseconds: 0, expired: None, thread: 0 };

/// Has `expired` called in another thread when `nanoseconds` of time (not 0) have passed, whatever the process is
/// doing then. Called once.
pub fn start(nanoseconds: u64, expired: Expired) -> Result<()> {
    let mut thread = 0;
    // SAFETY: writes `thread`; there is only this thread until the timer is complete.
    unsafe {
        check(DuplicateHandle(
            CURRENT_PROCESS,
            CURRENT_THREAD,
            CURRENT_PROCESS,
            &raw mut thread,
            0,
            0,
            DUPLICATE_SAME_ACCESS,
        ))?;
        TIMER = Timer { nanoseconds, expired: Some(expired), thread };
        match CreateThread(ptr::null(), 0, run, ptr::null_mut(), 0, ptr::null_mut()) {
            0 => Err(last()),
            _ => Ok(()),
        }
    }
}

/// # Safety
/// Called by the system as a thread.
unsafe extern "system" fn run(_parameter: *mut c_void) -> u32 {
    // SAFETY: complete since before this thread was started; nobody writes it any more.
    let timer = unsafe { &*(&raw const TIMER) };
    let mut milliseconds = timer.nanoseconds.div_ceil(1_000_000);
    while milliseconds > 0 {
        let part = milliseconds.min(1 << 30);
        // SAFETY: takes no pointers.
        unsafe { Sleep(part as u32) };
        milliseconds -= part;
    }
    let mut context = Context::ZERO;
    context.flags = Context::WANTED;
    // SAFETY: a handle of the thread, which is stopped when its registers are read.
    unsafe {
        SuspendThread(timer.thread);
        GetThreadContext(timer.thread, (&raw mut context).cast());
    }
    match timer.expired {
        Some(expired) => expired(context.fault_pc(0), &context),
        None => exit(1),
    }
}
