//! Traps for what the canonical ABI forbids.

use wasm_aot_abi::component::ComponentInstance;
use wasm_aot_abi::trap::Trap;

use crate::fail;
use crate::stack::catch;

/// Traps, in whatever Wasm code called, however deep. Scripts go on after it. Inlined, so that a program has only the
/// messages of the functions that it is linked with.
#[inline(always)]
pub fn violation(trap: Trap) -> ! {
    end(trap, trap.message())
}

#[cold]
#[inline(never)]
fn end(trap: Trap, message: &str) -> ! {
    catch::leave(trap);
    fail::raise_in_host_with(message)
}

/// Traps if an instance may not call out, because it is lowering or allocating.
#[inline]
pub fn check_may_leave(instance: &ComponentInstance) {
    // SAFETY: the flag is a global of compiled code; programs of components have one thread.
    if unsafe { *instance.may_leave } == 0 {
        violation(Trap::CannotLeave);
    }
}
