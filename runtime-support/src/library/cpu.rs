//! Whether the CPU has what the library was compiled for: some instructions do something else there instead of failing.

use core::sync::atomic::{AtomicU8, Ordering};

use wasm_aot_abi::cpu;
use wasm_aot_abi::layout::CpuDemands;

use crate::program::{cpu_demands, slice};
use crate::sys;

/// What is known: asking may take long, and libraries can have many instances.
static CPU: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = 0;
const SUPPORTED: u8 = 1;
const UNSUPPORTED: u8 = 2;

/// Whether the library can run here.
pub fn is_supported() -> bool {
    if CPU.load(Ordering::Relaxed) == UNKNOWN {
        match cpu_demands() {
            Some(demands) => (demands.check)(demands),
            None => CPU.store(SUPPORTED, Ordering::Relaxed),
        }
    }
    CPU.load(Ordering::Relaxed) == SUPPORTED
}

/// `wasm_aot_abi::symbols::CHECK_CPU`. Linked into libraries that have demands.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_check_cpu(demands: &CpuDemands) {
    // SAFETY: the compiler describes its own data.
    let (_, features) = cpu::message(unsafe { slice(demands.demands, demands.length) });
    // To read a register may be slow; features are ordered by it.
    let (mut register, mut bits) = (u8::MAX, 0);
    let mut found = SUPPORTED;
    for feature in features {
        if feature.register != register {
            register = feature.register;
            bits = sys::cpu::read(register);
        }
        if bits >> feature.bit & 1 == 0 {
            found = UNSUPPORTED;
        }
    }
    CPU.store(found, Ordering::Relaxed);
}
