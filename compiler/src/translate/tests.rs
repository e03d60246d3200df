//! No operator is passed over: each has a family, and one that hasn't is an error.

use std::collections::HashSet;
use std::path::Path;

use wasmparser::WasmFeatures;

use crate::driver::{BuildPlan, Emit, build};
use crate::targets::TARGETS;

/// (proposal, name) of all operators that wasmparser knows.
macro_rules! operators {
    ($(@$proposal:ident $name:ident $({ $($payload:tt)* })? => $visit:ident ($($annotation:tt)*))*) => {
        &[$((stringify!($proposal), stringify!($name))),*]
    };
}
const OPERATORS: &[(&str, &str)] = wasmparser::for_each_operator!(operators);

/// Proposals of which no operator is translated: their features aren't in `features::SUPPORTED`.
const UNSUPPORTED: [&str; 5] = [
    "acquire_release_atomics",
    "custom_descriptors",
    "memory_control",
    "shared_everything_threads",
    "stack_switching",
];

/// Operators that no valid module has: a typed `select` of no or several values is in the encoding only.
const NEVER_VALID: [&str; 1] = ["TypedSelectMulti"];

/// The words of the files in a directory, but those of tests and of what isn't about translating.
fn words(directory: &Path, into: &mut HashSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words(&path, into);
        } else if !path.ends_with("fuel.rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
    }
}

#[test]
fn every_operator_has_a_family() {
    let mut families = HashSet::new();
    words(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/translate"), &mut families);
    let missing: Vec<_> = OPERATORS
        .iter()
        .filter(|(proposal, name)| {
            let expected = !UNSUPPORTED.contains(proposal) && !NEVER_VALID.contains(name);
            expected && !families.contains(*name)
        })
        .collect();
    assert!(missing.is_empty(), "no family translates {missing:?}");
    assert!(OPERATORS.len() > 500, "wasmparser lists all of them");
}

/// What the validator was told to let pass, though it isn't translated.
#[test]
fn an_operator_without_a_family_is_an_error() {
    let wasm = wat::parse_str(
        "(module (memory 1) (func (export \"_start\") i32.const 0 i32.const 0 memory.discard))",
    )
    .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("program.o");
    for emit in [Emit::Object, Emit::Clif, Emit::Assembly] {
        let mut plan = BuildPlan::new(&TARGETS[0]);
        plan.features |= WasmFeatures::MEMORY_CONTROL;
        plan.emit = emit;
        let error = format!("{:#}", build(&wasm, &output, &plan).err().expect("an error"));
        let words = ["compiling `", "MemoryDiscard", "at offset 0x", "isn't supported"];
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!output.exists());
    }
}
