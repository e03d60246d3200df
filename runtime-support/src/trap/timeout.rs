//! `--timeout`: a trap that comes from outside, whether Wasm code runs or the runtime waits for something.

use wasm_aot_abi::trap::{TRAP_EXIT_CODE, Trap};

use super::frame::Frame;
use super::report;
use crate::program::{limits, program};
use crate::start::fail;
use crate::sys;
use crate::sys::signal::Context;
use crate::sys::timer;

/// `wasm_aot_abi::symbols::START_TIMER`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_start_timer() {
    if timer::start(limits().map_or(0, |limits| limits.timeout), expired).is_err() {
        fail(b"the timer of --timeout can't be started");
    }
}

/// # Safety
/// Called by the kernel as a signal handler.
unsafe extern "C" fn expired(signal: i32, _info: *const u8, context: *mut Context) {
    // SAFETY: the context is that of what was interrupted.
    let context = unsafe { &*context };
    report::trap(program(), Trap::Timeout, context.fault_pc(signal as u32), Frame::interrupted(context));
    sys::exit(TRAP_EXIT_CODE)
}
