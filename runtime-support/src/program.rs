//! The compiler's description of the program, see `wasm_aot_abi::layout`.

use wasm_aot_abi::layout::Program;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::PROGRAM`.
    static wasm_aot_program: Program;
}

/// The program that this runtime was linked with.
pub fn program() -> &'static Program {
    // SAFETY: the compiler defines the symbol in every executable, with this layout.
    unsafe { &wasm_aot_program }
}

/// The slice at `data`, empty if `length` is 0.
///
/// # Safety
/// `data` points at `length` initialised elements that nobody writes, or `length` is 0.
pub unsafe fn slice<'a, T>(data: *const T, length: u64) -> &'a [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { core::slice::from_raw_parts(data, length as usize) }
}
