//! Parses, translates and compiles whatever comes: the bytes as a module, or as the choices by which
//! wasm-smith makes a valid one, with every feature.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz translate

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use wasm_aot::build::{self, BuildPlan};
use wasm_aot::codegen;
use wasm_aot::parse::{self, features::SUPPORTED};
use wasm_aot::target::{OptLevel, Target};
use wasm_aot::translate::{Environment, Options};
use wasm_smith::{Config, Module};

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else { return };
    let wasm = if choice & 1 == 0 {
        data.to_vec()
    } else {
        let config = Config {
            allow_start_export: true,
            max_imports: 0,
            max_memory32_bytes: 1 << 20,
            max_memory64_bytes: 1 << 20,
            gc_enabled: false,
            ..Config::default()
        };
        match Module::new(config, &mut Unstructured::new(data)) {
            Ok(module) => module.to_bytes(),
            Err(_) => return,
        }
    };
    let target = Target::host().expect("fuzzing runs on a target");
    let mut plan = BuildPlan::new(target);
    plan.opt_level = if choice & 2 == 0 { OptLevel::O0 } else { OptLevel::O2 };
    plan.memory_guard = choice & 4 == 0;
    plan.trap_unknown_imports = true;
    let Ok(module) = parse::parse(&wasm, SUPPORTED) else { return };
    let Ok(program) = build::program(&module, &plan) else { return };
    let Ok(isa) = target.isa(plan.opt_level, None) else { return };
    let env = Environment::new(&program, target, Options::default());
    codegen::compile(&env, &*isa, &codegen::jobs(&program), &|_| {}).expect("every valid module compiles");
});
