//! Ends a program at once on a machine whose CPU it wasn't built for: some instructions do something
//! else there instead of failing.

use wasm_aot_abi::cpu;

use crate::program::slice;
use crate::sys;

/// Checks the program's demands.
pub fn check(program: &wasm_aot_abi::layout::Program) {
    // SAFETY: the compiler describes its own data.
    let demands = unsafe { slice(program.cpu, program.cpu_length) };
    let (name, features) = cpu::name(demands);
    // To read a register may be slow; features are ordered by it.
    let (mut register, mut bits) = (u8::MAX, 0);
    let mut complete = true;
    for feature in features {
        if feature.register != register {
            register = feature.register;
            bits = sys::cpu::read(register);
        }
        if bits >> feature.bit & 1 == 0 {
            if complete {
                sys::write_stderr(b"wasm-aot: this program was built for the CPU ");
                sys::write_stderr(name);
            }
            sys::write_stderr(if complete { b", but this machine lacks " } else { b", " });
            sys::write_stderr(feature.name);
            complete = false;
        }
    }
    if !complete {
        sys::write_stderr(b"; build it with another --cpu\n");
        sys::exit(1)
    }
}
