//! Turns the errors of wasmparser into ours, which name the byte offset and say what to do.

use anyhow::{Error, anyhow};
use wasmparser::{BinaryReaderError, WasmFeatures};

/// What the features are called by those who read about them, the more specific first.
const FEATURES: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::COMPONENT_MODEL, "components"),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD"),
    (WasmFeatures::SIMD, "SIMD"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "legacy exception handling"),
    (WasmFeatures::EXCEPTIONS, "exception handling"),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "shared-everything threads"),
    (WasmFeatures::THREADS, "threads"),
    (WasmFeatures::TAIL_CALL, "tail calls"),
    (WasmFeatures::MULTI_MEMORY, "multi-memory"),
    (WasmFeatures::MEMORY64, "memory64"),
    (WasmFeatures::GC, "garbage collection"),
    (WasmFeatures::FUNCTION_REFERENCES, "typed function references"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
];

/// Errors that stand for a missing feature but don't say so in their type.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("multiple memories", "multi-memory"),
    ("gc proposal must be enabled to use subtypes", "garbage collection"),
];

/// Explains an error of parsing or validation.
pub fn explain(error: Error) -> Error {
    let Some(inner) = error.downcast_ref::<BinaryReaderError>() else {
        return error;
    };
    let message = inner.message();
    let offset = inner.offset();
    match missing_feature(inner) {
        Some("components") => anyhow!(
            "this is a component, not a core module (byte offset {offset:#x}); components are not supported: \
             compile to a core module instead, such as for the target wasm32-wasip1"
        ),
        Some(feature) => anyhow!(
            "unsupported WebAssembly feature at byte offset {offset:#x}: {feature} ({message}); \
             compile the module without it"
        ),
        None => anyhow!("invalid WebAssembly at byte offset {offset:#x}: {message}"),
    }
}

/// The feature without which the module isn't valid.
fn missing_feature(error: &BinaryReaderError) -> Option<&str> {
    let message = error.message();
    match error.missing_wasm_feature() {
        Some(missing) => {
            let known = FEATURES.iter().find(|(feature, _)| missing.intersects(*feature));
            Some(known.map_or(message, |(_, name)| name))
        }
        None => OTHER_WORDS.iter().find(|(words, _)| *words == message).map(|(_, name)| *name),
    }
}
