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
    let mut has = |feature: &cpu::Feature<'_>| {
        if feature.register != register {
            register = feature.register;
            bits = sys::cpu::read(register);
        }
        bits >> feature.bit & 1 != 0
    };
    if !features.clone().all(|feature| has(&feature)) {
        refuse(name, features.filter(|feature| !has(feature)));
    }
}

#[cold]
fn refuse<'a>(name: &[u8], missing: impl Iterator<Item = cpu::Feature<'a>>) -> ! {
    sys::write_stderr(b"wasm-aot: this program was built for the CPU ");
    sys::write_stderr(name);
    for (index, feature) in missing.enumerate() {
        sys::write_stderr(if index == 0 { b", but this machine lacks " } else { b", " });
        sys::write_stderr(feature.name);
    }
    sys::write_stderr(b"; build it with another --cpu\n");
    sys::exit(1)
}
