//! Which WebAssembly features are translated, and what they are called.

use anyhow::{Result, bail};
use wasmparser::WasmFeatures;

use crate::escape::escape;

/// The features that are translated. The validator refuses all others by name.
pub const SUPPORTED: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::WIDE_ARITHMETIC)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::CUSTOM_PAGE_SIZES)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::COMPACT_IMPORTS);

/// Named groups of features, as in wasm-tools.
const GROUPS: &[(&str, WasmFeatures)] = &[
    ("mvp", WasmFeatures::MVP),
    ("wasm1", WasmFeatures::WASM1),
    ("wasm2", WasmFeatures::WASM2),
    ("wasm3", WasmFeatures::WASM3),
    ("lime1", WasmFeatures::LIME1),
    ("all", SUPPORTED),
];

/// Reads a list as `--features` of wasm-tools takes it: names, separated by commas, each of which is
/// added to the supported features or, after a `-`, taken from them. A list that starts with the name
/// of a group starts from that group instead.
///
/// # Errors
/// If a name is unknown, or a feature isn't supported.
pub fn parse_list(list: &str) -> Result<WasmFeatures> {
    let mut features = SUPPORTED;
    for (position, word) in list.split(',').map(str::trim).filter(|word| !word.is_empty()).enumerate() {
        let (remove, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word),
        };
        if let Some((_, group)) = GROUPS.iter().find(|(group, _)| *group == name) {
            let group = group.intersection(SUPPORTED);
            features = match (remove, position) {
                (true, _) => features.difference(group),
                (false, 0) => group,
                (false, _) => features.union(group),
            };
            continue;
        }
        let Some(feature) = WasmFeatures::from_name(&name.replace('-', "_").to_uppercase()) else {
            bail!("unknown feature `{}`; known: {}", escape(name), names(SUPPORTED).join(", "));
        };
        if remove {
            features.remove(feature);
        } else if SUPPORTED.contains(feature) {
            features.insert(feature);
        } else {
            bail!("the feature `{name}` is not supported; supported: {}", names(SUPPORTED).join(", "));
        }
    }
    Ok(features)
}

/// The names of features, as wasm-tools spells them.
pub fn names(features: WasmFeatures) -> Vec<String> {
    features.iter_names().map(|(name, _)| name.to_lowercase().replace('_', "-")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(parse_list("").unwrap(), SUPPORTED);
        assert_eq!(parse_list("all").unwrap(), SUPPORTED);
        assert_eq!(parse_list("mvp").unwrap(), WasmFeatures::MVP);
        assert!(parse_list("wasm1,sign-extension").unwrap().contains(WasmFeatures::SIGN_EXTENSION));
        assert!(!parse_list("-bulk-memory").unwrap().contains(WasmFeatures::BULK_MEMORY));
        assert!(parse_list("no-such").is_err());
        assert!(parse_list("component-model").is_err());
    }
}
