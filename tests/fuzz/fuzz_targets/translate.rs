//! Parses, translates and compiles whatever comes: the bytes as a module, or as the choices by which
//! wasm-smith makes a valid one, with every feature. The first byte says which, how and for which target.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use wasm_aot::codegen;
use wasm_aot::driver::{self, BuildPlan};
use wasm_aot::layout::Layout;
use wasm_aot::parse::{self, features::SUPPORTED};
use wasm_aot::targets::{Checks, OptLevel, TARGETS};
use wasm_aot::translate::Environment;
use wasm_smith::{Config, Module};

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else { return };
    let generated = choice & 1 == 1;
    let wasm = if generated {
        let Ok(module) = Module::new(config(), &mut Unstructured::new(data)) else { return };
        module.to_bytes()
    } else {
        data.to_vec()
    };
    let target = &TARGETS[usize::from(choice >> 3) % TARGETS.len()];
    let mut plan = BuildPlan::new(target);
    plan.opt_level = if choice & 2 == 0 { OptLevel::O0 } else { OptLevel::O2 };
    plan.memory_guard = choice & 4 == 0;
    plan.trap_unknown_imports = true;
    let module = match parse::parse(&wasm, SUPPORTED) {
        Ok(module) => module,
        Err(error) if generated => panic!("a valid module is refused: {error:#}"),
        Err(_) => return,
    };
    let Ok(program) = driver::program(&module, &plan) else { return };
    let Ok(facts) = driver::facts(&program) else { return };
    let cpu = target.cpu_for(None, facts.has_vectors());
    let isa = target.isa(plan.opt_level, cpu, Checks::ALL).expect("a known target");
    let layout = Layout::new(&program, &facts, plan.layout_options());
    let env = Environment::new(&layout, target, plan.options());
    codegen::compile(&env, &*isa, &codegen::jobs(&env), &|_| {}).expect("every valid module compiles");
});

/// Every feature that is supported.
fn config() -> Config {
    Config {
        allow_start_export: true,
        max_imports: 0,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        custom_page_sizes_enabled: true,
        compact_imports_enabled: false,
        gc_enabled: false,
        ..Config::default()
    }
}
