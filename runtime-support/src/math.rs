//! Functions for CPUs that have no instruction for them.

/// `Builtin::FmaF32`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_fma_f32(a: f32, b: f32, c: f32) -> f32 {
    libm::fmaf(a, b, c)
}

/// `Builtin::FmaF64`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_fma_f64(a: f64, b: f64, c: f64) -> f64 {
    libm::fma(a, b, c)
}
