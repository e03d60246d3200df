//! Ends a program at once on a machine whose CPU it wasn't built for: some instructions do something
//! else there instead of failing.

use wasm_aot_abi::cpu;
use wasm_aot_abi::layout::CpuDemands;

use crate::program::slice;
use crate::sys;

/// Checks the program's demands. Linked into programs that have some.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_check_cpu(demands: &CpuDemands) {
    // SAFETY: the compiler describes its own data.
    let (message, features) = cpu::message(unsafe { slice(demands.demands, demands.length) });
    // To read a register may be slow; features are ordered by it.
    let (mut register, mut bits) = (u8::MAX, 0);
    let mut complete = true;
    for feature in features {
        if feature.register != register {
            register = feature.register;
            bits = sys::cpu::read(register);
        }
        if bits >> feature.bit & 1 == 0 {
            sys::write_stderr(if complete { message } else { b", " });
            sys::write_stderr(feature.name);
            complete = false;
        }
    }
    if !complete {
        sys::write_stderr(b"; build it with another --cpu\n");
        sys::exit(1)
    }
}
