//! What the fuzzer does with its bytes (`tests/fuzz`): makes an object of them, as a module or as the choices by which
//! wasm-smith makes a valid one, for any target and with any feature. A panic is a finding, and so is a valid module that
//! is refused or can't be compiled.

use std::path::Path;

use arbitrary::Unstructured;
use wasm_aot::driver::{self, BuildPlan, Emit};
use wasm_aot::metadata::HeapOptions;
use wasm_aot::modules::Modules;
use wasm_aot::parse::features::SUPPORTED;
use wasm_aot::targets::{Checks, OptLevel, TARGETS};
use wasm_smith::{Config, Module};

/// Parses, translates and compiles. The first byte chooses the target, and whether the rest is a module or choices; the
/// second one chooses the options.
///
/// # Panics
/// If the compiler does not do what it should.
pub fn translate(data: &[u8]) {
    let [which, options, data @ ..] = data else { return };
    let generated = which & 1 == 1;
    let wasm = if generated {
        let Ok(module) = Module::new(config(), &mut Unstructured::new(data)) else { return };
        module.to_bytes()
    } else {
        data.to_vec()
    };
    let plan = plan(usize::from(which >> 1), *options);
    let modules = match Modules::parse(&wasm, &[], SUPPORTED) {
        Ok(modules) => modules,
        Err(error) if generated => panic!("a valid module is refused: {error:#}"),
        Err(_) => return,
    };
    driver::with_threads(&plan, || {
        // Limits, and options that exclude each other.
        let Ok((program, _)) = driver::program(&modules, &plan) else { return };
        let compiled =
            driver::write_program(&program, Path::new("/dev/null"), &plan, &mut Default::default());
        if let Err(error) = compiled {
            assert!(!plan.target.collector, "a valid module isn't compiled: {error:#}");
        }
    });
}

fn plan(target: usize, options: u8) -> BuildPlan {
    let bit = |number: u8| options >> number & 1 == 1;
    let mut plan = BuildPlan::new(&TARGETS[target % TARGETS.len()]);
    plan.emit = Emit::ProgramObject;
    plan.threads = 1;
    plan.checks = Checks::ALL;
    plan.trap_unknown_imports = true;
    plan.opt_level = if bit(0) { OptLevel::O2 } else { OptLevel::O0 };
    plan.memory_guard = bit(1);
    plan.relaxed_simd_deterministic = bit(2);
    plan.policy.limits.fuel = bit(3).then_some(1000);
    plan.policy.limits.soft = bit(4);
    plan.policy.limits.memory = bit(5).then_some(1 << 22);
    plan.policy.trace = bit(6);
    plan.heap = HeapOptions { stress: bit(7), verify: bit(7) };
    plan
}

/// Every feature that is supported; custom page sizes and the like are on by default.
fn config() -> Config {
    Config {
        allow_start_export: true,
        max_imports: 0,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        custom_page_sizes_enabled: true,
        wide_arithmetic_enabled: true,
        threads_enabled: true,
        memory64_enabled: true,
        exceptions_enabled: true,
        tail_call_enabled: true,
        relaxed_simd_enabled: true,
        gc_enabled: true,
        // Nothing is imported.
        compact_imports_enabled: false,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::random::Random;

    /// Each target twelve times, and each option in half of the cases.
    #[test]
    fn modules_of_any_bytes() {
        let cases: Vec<u64> = (0..12 * TARGETS.len() as u64).collect();
        crate::harness::parallel(&cases, |case| {
            let mut random = Random::new(5, *case);
            let mut bytes = random.bytes(2048);
            bytes[0] = (*case as u8) << 1 | 1;
            translate(&bytes);
        });
    }
}
