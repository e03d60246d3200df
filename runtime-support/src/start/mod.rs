//! Process start: the CPU, traps, memories, the Wasm stack, grants, the program. What comes first is the
//! system's, in `sys::start`.

mod cpu;

use crate::fail::fail;
use crate::{memory, program, stack, sys, trap};

/// Runs the program.
///
/// # Safety
/// Called once, by the entry of the executable, when nothing else has run.
#[inline(always)]
pub unsafe fn run() -> ! {
    let program = program::program();
    if let Some(demands) = program::cpu_demands() {
        (demands.check)(demands);
    }
    trap::install();
    memory::set_up(program);
    let Ok(stack_top) = stack::bounds::allocate(program::policy().stack_size) else {
        fail(
            b"no memory for the stack of the program (is it limited, as by `ulimit -d`?); build it with a smaller \
              --stack-size",
        );
    };
    if let Some(open) = program::policy().open_grants {
        open();
    }
    if let Some(start) = program::limits().and_then(|limits| limits.start_timer) {
        start();
    }
    // SAFETY: `stack_top` is the end of the stack that was just set up for the program.
    unsafe { sys::stack::run(program.main, stack_top) }
}
