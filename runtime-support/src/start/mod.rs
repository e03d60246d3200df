//! Process start: the CPU, traps, memories, the Wasm stack, grants, the program. What comes first is the
//! system's, in `sys::start`.

mod cpu;
mod stack;

pub use stack::{GUARD_BYTES, Stack, guard_contains, only_stack_top, stack_contains};

use crate::{memory, program, sys, trap};

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
    let stack_top = stack::allocate(program::policy().stack_size);
    if let Some(open) = program::policy().open_grants {
        open();
    }
    if let Some(start) = program::limits().and_then(|limits| limits.start_timer) {
        start();
    }
    // SAFETY: `stack_top` is the end of the stack that was just set up for the program.
    unsafe { sys::stack::run(program.main, stack_top) }
}

/// Ends a start-up that can't succeed, with a message that says what to do.
pub fn fail(message: &[u8]) -> ! {
    fail_because(&[message])
}

/// The same, with a message in parts.
pub fn fail_because(parts: &[&[u8]]) -> ! {
    sys::write_stderr(b"wasm-aot: ");
    for part in parts {
        sys::write_stderr(part);
    }
    sys::write_stderr(b"\n");
    sys::exit(1)
}
