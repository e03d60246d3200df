//! The switch to the Wasm stack, s390x.

use core::arch::asm;

/// A called function may save registers in this many bytes at the stack pointer. The first word is
/// its caller's backchain, 0 for the outermost.
const REGISTER_SAVE_AREA: usize = 160;

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: r10 is kept by the callee (ELF ABI s390x supplement), so the old stack pointer is
    // restored. The save area lies in the new stack.
    unsafe {
        let save_area = stack_top.sub(REGISTER_SAVE_AREA);
        save_area.cast::<usize>().write(0);
        asm!("lgr %r10, %r15", "lgr %r15, {top}", "basr %r14, {function}", "lgr %r15, %r10",
            top = in(reg) save_area, function = in(reg_addr) function, out("r10") _, clobber_abi("C"));
    }
}
