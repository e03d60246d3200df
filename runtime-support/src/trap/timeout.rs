//! `--timeout`: a trap that comes from outside, whether Wasm code runs or the runtime waits for something.

use wasm_aot_abi::trap::{TRAP_EXIT_CODE, Trap};

use crate::fail::{fail, report};
use crate::program::limits;
use crate::stack::frame::Frame;
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

fn expired(pc: usize, context: &Context) -> ! {
    report::trap(Trap::Timeout.message().as_bytes(), pc, Frame::interrupted(context), 0);
    sys::exit(TRAP_EXIT_CODE)
}
