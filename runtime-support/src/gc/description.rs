//! What the compiler says of the program's heap.

use wasm_aot_abi::gc::Heap;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::GC_HEAP`.
    static wasm_aot_gc_heap: Heap;
}

/// The compiler's description of the program's heap.
pub fn heap() -> &'static Heap {
    // SAFETY: the compiler defines the symbol in every program that has objects, with this layout.
    unsafe { &wasm_aot_gc_heap }
}
