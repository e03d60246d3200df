//! Turns the errors of wasmparser into ours, which name the byte offset and say what to do.
//!
//! A module that is valid with all features that wasmparser knows is never called invalid: it is refused with the name
//! of the feature that it needs.

use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

use super::features;
use crate::error::{Error, ErrorKind};
use crate::escape::escape;

/// The common names of features, the more specific ones first, each with the wasm-opt option that disables the feature.
/// Other features are named as in `--features`.
const FEATURES: &[(WasmFeatures, &str, Option<&str>)] = &[
    (WasmFeatures::CM_ASYNC, "asynchronous functions of components", None),
    (WasmFeatures::CM_ASYNC_STACKFUL, "stackful asynchronous functions of components", None),
    (WasmFeatures::CM_MORE_ASYNC_BUILTINS, "further asynchronous built-ins of components", None),
    (WasmFeatures::CM_THREADING, "threads of components", None),
    (WasmFeatures::CM_ERROR_CONTEXT, "error contexts of components", None),
    (WasmFeatures::CM_VALUES, "values as imports and exports of components", None),
    (WasmFeatures::CM_GC, "garbage-collected values between components", None),
    (WasmFeatures::CM64, "components with 64-bit memories", None),
    (WasmFeatures::CM_FIXED_LENGTH_LISTS, "lists of a fixed length in components", None),
    (WasmFeatures::CM_MAP, "maps in components", None),
    (WasmFeatures::COMPONENT_MODEL, "components", None),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD", Some("relaxed-simd")),
    (WasmFeatures::SIMD, "SIMD", Some("simd")),
    (WasmFeatures::LEGACY_EXCEPTIONS, "legacy exception handling", Some("exception-handling")),
    (WasmFeatures::EXCEPTIONS, "exception handling", Some("exception-handling")),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "shared-everything threads", Some("shared-everything")),
    (WasmFeatures::ACQUIRE_RELEASE_ATOMICS, "acquire-release atomics", Some("acquire-release-atomics")),
    (WasmFeatures::THREADS, "threads", Some("threads")),
    (WasmFeatures::TAIL_CALL, "tail calls", Some("tail-call")),
    (WasmFeatures::MULTI_MEMORY, "multi-memory", Some("multimemory")),
    (WasmFeatures::MEMORY64, "memory64", Some("memory64")),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors", Some("custom-descriptors")),
    (WasmFeatures::MULTIBYTE_ARRAY_ACCESS, "multibyte array access", Some("multibyte")),
    (WasmFeatures::GC, "garbage collection", Some("gc")),
    (WasmFeatures::FUNCTION_REFERENCES, "typed function references", Some("gc")),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes", Some("custom-page-sizes")),
    (WasmFeatures::STACK_SWITCHING, "stack switching", Some("stack-switching")),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic", Some("wide-arithmetic")),
    (WasmFeatures::COMPACT_IMPORTS, "compact imports", Some("compact-imports")),
    (WasmFeatures::MEMORY_CONTROL, "memory control", None),
];

/// Explains an error in parsing or validating a module or a component for which these features are enabled.
pub fn explain(error: anyhow::Error, bytes: &[u8], enabled: WasmFeatures) -> Error {
    let Some(inner) = error.downcast_ref::<BinaryReaderError>() else {
        return Error::classify(error, ErrorKind::InvalidModule);
    };
    // Some messages contain names of imports, exports and types.
    let message = escape(inner.message());
    let offset = inner.offset();
    // Not every error that a feature would avoid says so.
    let missing = inner.missing_wasm_feature().or_else(|| missing_features(bytes, enabled));
    let error = |kind, message| Error::new(kind, message).at(offset as usize);
    match missing {
        None => error(
            ErrorKind::InvalidModule,
            format!("invalid WebAssembly at byte offset {offset:#x}: {message}"),
        ),
        Some(missing) => {
            let (name, option) = describe(missing);
            let help = match option {
                _ if features::SUPPORTED.contains(missing) => "it is not among --features".to_owned(),
                None => "compile without it".to_owned(),
                Some(option) => format!("compile without it (wasm-opt: --disable-{option})"),
            };
            let message =
                format!("unsupported WebAssembly feature at byte offset {offset:#x}: {name} ({message})");
            error(ErrorKind::UnsupportedFeature, message).advise("; ", help)
        }
    }
}

/// The name of a missing feature, and wasm-opt's name for it.
fn describe(missing: WasmFeatures) -> (String, Option<&'static str>) {
    match FEATURES.iter().find(|(feature, ..)| missing.intersects(*feature)) {
        Some((_, name, option)) => ((*name).to_owned(), *option),
        None => (features::names(missing).join(", "), None),
    }
}

/// The features whose absence makes a valid module invalid, as few as possible; none if it isn't valid with all of them
/// either.
fn missing_features(bytes: &[u8], enabled: WasmFeatures) -> Option<WasmFeatures> {
    let valid = |features| Validator::new_with_features(features).validate_all(bytes).is_ok();
    let mut needed = WasmFeatures::all();
    if !valid(needed) {
        return None;
    }
    for (_, feature) in WasmFeatures::all().iter_names() {
        let fewer = needed.difference(feature.difference(enabled));
        if fewer != needed && valid(fewer) {
            needed = fewer;
        }
    }
    Some(needed.difference(enabled)).filter(|missing| !missing.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    /// Modules that need an unsupported feature, and what the error says about it, with its place.
    const UNSUPPORTED: &[(&str, &[&str])] = &[
        // Valid with the types that custom descriptors give to casts, and invalid without.
        (
            "(module (type $s (struct)) (func $cast (param (ref any)) (result (ref null $s))
               (block (result (ref any)) (br_on_cast 1 (ref any) (ref null $s) (local.get 0))) unreachable))",
            &[
                "in function 0 (cast): ",
                "unsupported WebAssembly feature at byte offset 0x",
                ": custom descriptors (",
            ],
        ),
        (
            "(module (type $s (struct)) (func (param (ref null (exact $s)))))",
            &["unsupported WebAssembly feature at byte offset 0x", "--disable-custom-descriptors"],
        ),
    ];

    #[test]
    fn valid_modules_are_not_called_invalid() {
        for (text, words) in UNSUPPORTED {
            let bytes = wat::parse_str(text).unwrap();
            Validator::new_with_features(WasmFeatures::all()).validate_all(&bytes).unwrap();
            let error = parse(&bytes, features::SUPPORTED).err().expect("it isn't supported");
            let error = format!("{error:#}");
            for word in *words {
                assert!(error.contains(word), "`{word}` is missing: {error}");
            }
        }
    }

    /// Every feature has a distinct name, which the error gives once.
    #[test]
    fn names() {
        for (_, feature) in WasmFeatures::all().iter_names() {
            let (name, _) = describe(feature);
            assert!(!name.is_empty());
        }
        let bytes = wat::parse_str(r#"(module (import "m" (item "f" (func)) (item "g" (func))))"#).unwrap();
        let error = parse(&bytes, features::SUPPORTED.difference(WasmFeatures::COMPACT_IMPORTS)).err();
        let error = format!("{:#}", error.expect("it is off"));
        assert!(
            error.contains(": compact imports (") && error.ends_with("it is not among --features"),
            "{error}"
        );
        assert!(parse(&bytes, features::SUPPORTED).unwrap().compact_imports);
    }
}
