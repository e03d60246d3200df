//! Resuming elsewhere: at a handler of an exception, or behind a call that was abandoned.

use wasm_aot_abi::exception::Registers;

unsafe extern "C" {
    /// Continues at `landing`, with this stack pointer, this frame pointer, this value where a landing expects
    /// the first word of an exception's payload, and where a function returns its result, and these contents
    /// of the registers that functions keep for their callers.
    pub fn wasm_aot_resume(
        landing: *const u8,
        stack_pointer: usize,
        frame_pointer: usize,
        value: usize,
        registers: *const Registers,
    ) -> !;
}

/// Continues at `landing` with this stack pointer and result.
///
/// # Safety
/// The code there expects to be entered so.
pub unsafe fn go_to(landing: usize, stack_pointer: usize, result: usize) -> ! {
    let registers = Registers([0; Registers::COUNT]);
    // SAFETY: as the caller promises.
    unsafe { wasm_aot_resume(landing as *const u8, stack_pointer, 0, result, &registers) }
}
