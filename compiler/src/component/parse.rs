//! Parses and validates components.

use anyhow::{Context as _, Result};
use wasmparser::{Validator, WasmFeatures};
use wasmtime_environ::component::{ComponentTypesBuilder, StaticModuleIndex, Translator};
use wasmtime_environ::wasmparser as front_end;
use wasmtime_environ::{ScopeVec, Tunables};

use super::{Component, Modules, concurrency, extent};
use crate::error::{Error, ErrorKind};
use crate::escape::escape;
use crate::parse::errors;
use crate::parse::features::SUPPORTED;

/// Where the bytes of adapters are kept: core modules that the front end generates.
pub type Adapters = ScopeVec<u8>;

/// Whether the bytes begin as a component does, and not as a module.
pub fn is_component(bytes: &[u8]) -> bool {
    front_end::Parser::is_component(bytes)
}

/// Parses and validates a component in the binary format whose modules use only these features.
///
/// # Errors
/// Names the byte offset and the reason, or the feature that isn't supported, or what is too much.
pub fn parse<'a>(bytes: &'a [u8], adapters: &'a Adapters, features: WasmFeatures) -> Result<Component<'a>> {
    extent::check(bytes)?;
    let is_asynchronous = concurrency::is_asynchronous(bytes);
    let features = match is_asynchronous {
        true => features | WasmFeatures::CM_ASYNC,
        false => features,
    };
    let mut validator = front_end::Validator::new_with_features(front_end_features(features));
    let mut builder = ComponentTypesBuilder::new(&validator);
    let tunables = Tunables {
        // Without it, adapters know nothing of tasks.
        concurrency_support: is_asynchronous,
        parse_wasm_debuginfo: false,
        ..Tunables::default_u64()
    };
    let translator = Translator::new(&tunables, &mut validator, &mut builder, adapters);
    let (translation, modules) =
        translator.translate(bytes).map_err(|error| explain(&format!("{error:#}"), bytes, features))?;
    let resource_tables = builder.num_resource_tables();
    let (types, _) = builder.finish(&translation.component);
    let modules = modules.into_iter().map(|(_, module)| module.wasm).collect();
    Ok(Component { bytes, translation, types, resource_tables, modules, is_asynchronous })
}

/// The error that the front end doesn't explain, in the words for modules: our validator finds it, too, unless the
/// component is valid and only the front end doesn't support it.
fn explain(message: &str, bytes: &[u8], features: WasmFeatures) -> Error {
    let features = features | WasmFeatures::COMPONENT_MODEL;
    match Validator::new_with_features(features).validate_all(bytes) {
        Err(error) => errors::explain(error.into(), bytes, features),
        Ok(_) => Error::new(ErrorKind::Unsupported, escape(message)),
    }
}

/// Parses and validates the core modules of a component.
///
/// # Errors
/// As `parse::parse`.
pub fn parse_modules<'a>(component: &Component<'a>, features: WasmFeatures) -> Result<Modules<'a>> {
    let parse = |(index, bytes): (StaticModuleIndex, &&'a [u8])| {
        if component.is_adapter(index) {
            // They may use what the front end likes.
            return crate::parse::parse(bytes, SUPPORTED);
        }
        let start = bytes.as_ptr().addr() - component.bytes.as_ptr().addr();
        let place = || format!("in core module {}, whose byte offsets count from {start:#x}", index.as_u32());
        crate::parse::parse(bytes, features).with_context(place)
    };
    component.modules.iter().map(parse).collect()
}

/// The features of core WebAssembly that modules may use, as the front end's version of the parser numbers them, and
/// the component model.
fn front_end_features(features: WasmFeatures) -> front_end::WasmFeatures {
    let same = features.iter_names().filter_map(|(name, _)| front_end::WasmFeatures::from_name(name));
    same.fold(front_end::WasmFeatures::COMPONENT_MODEL, |all, feature| all | feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_the_same_in_both_versions() {
        let names = |features: WasmFeatures| features.iter_names().map(|(name, _)| name).collect::<Vec<_>>();
        for name in names(SUPPORTED.difference(WasmFeatures::COMPACT_IMPORTS)) {
            assert!(front_end::WasmFeatures::from_name(name).is_some(), "{name}");
        }
    }
}
