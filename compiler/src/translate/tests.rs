//! An operator that is refused during translation is a build error.

use wasmparser::WasmFeatures;

use crate::driver::{BuildPlan, Emit, build};
use crate::targets::TARGETS;

/// An operator that the validator was told to accept, although it isn't translated.
#[test]
fn a_refused_operator_is_an_error() {
    let wasm = wat::parse_str(
        "(module (memory 1) (func (export \"_start\") i32.const 0 i32.const 0 memory.discard))",
    )
    .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("program.o");
    for emit in [Emit::ProgramObject, Emit::Clif, Emit::Assembly] {
        let mut plan = BuildPlan::new(&TARGETS[0]);
        plan.features |= WasmFeatures::MEMORY_CONTROL;
        plan.emit = emit;
        let error = format!("{:#}", build(&wasm, &output, &plan).expect_err("an error"));
        let words = ["compiling `", "MemoryDiscard", "at offset 0x", "isn't supported"];
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!output.exists());
    }
}
