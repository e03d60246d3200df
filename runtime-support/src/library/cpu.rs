//! Whether the CPU has what the library was compiled for: some instructions do something else there instead of failing.

use core::sync::atomic::{AtomicBool, Ordering};

use wasm_aot_abi::cpu;
use wasm_aot_abi::layout::CpuDemands;

use crate::program::{cpu_demands, slice};
use crate::sys;

/// What the last check has found.
static LACKS: AtomicBool = AtomicBool::new(false);

/// Whether the library can run here.
pub fn is_supported() -> bool {
    if let Some(demands) = cpu_demands() {
        (demands.check)(demands);
    }
    !LACKS.load(Ordering::Relaxed)
}

/// `wasm_aot_abi::symbols::CHECK_CPU`. Linked into libraries that have demands.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_check_cpu(demands: &CpuDemands) {
    // SAFETY: the compiler describes its own data.
    let (_, features) = cpu::message(unsafe { slice(demands.demands, demands.length) });
    // To read a register may be slow; features are ordered by it.
    let (mut register, mut bits) = (u8::MAX, 0);
    for feature in features {
        if feature.register != register {
            register = feature.register;
            bits = sys::cpu::read(register);
        }
        if bits >> feature.bit & 1 == 0 {
            LACKS.store(true, Ordering::Relaxed);
        }
    }
}
