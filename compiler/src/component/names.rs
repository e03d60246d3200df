//! What a component's imports and exports are called.

use std::borrow::Cow;
use std::collections::HashMap;

use wasm_aot_abi::wasi2::ResourceKind;
use wasmtime_environ::component::{Export, ResourceIndex, RuntimeImportIndex, TypeDef, TypeResourceTable};

use super::Component;

/// Where what is imported from no interface is from, as core modules call it.
pub const WORLD: &str = "$root";

/// The interface that an import is from, or [`WORLD`], and its name there.
pub fn import<'a>(component: &'a Component<'_>, import: RuntimeImportIndex) -> (&'a str, Cow<'a, str>) {
    let component = &component.translation.component;
    let (import, path) = &component.imports[import];
    let root = &component.import_types[*import].0;
    match &**path {
        [] => (WORLD, root.into()),
        [name] => (root, name.into()),
        // From an instance in an instance, which WIT can't express: no function of the host has such a name.
        path => (root, path.join("/").into()),
    }
}

/// The name of an interface without its version, if that is of WASI 0.2. All of its versions are compatible; release
/// candidates, such as 0.2.0-rc-2024-01-16, are none of them.
pub fn wasi_interface(name: &str) -> Option<&str> {
    let (interface, version) = name.split_once('@')?;
    let (patch, _build) = version.strip_prefix("0.2.")?.split_once('+').unwrap_or((&version[4..], ""));
    patch.bytes().all(|digit| digit.is_ascii_digit()).then_some(interface)
}

/// The host's kind of a resource, if the host has such a kind.
pub fn resource_kind(component: &Component<'_>, resource: ResourceIndex) -> Option<ResourceKind> {
    let imported = &component.translation.component.imported_resources;
    let (interface, name) = import(component, *imported.get(resource)?);
    ResourceKind::find(wasi_interface(interface)?, &name)
}

/// The names by which the component exports resources.
pub fn exported_resources<'a>(component: &'a Component<'_>) -> HashMap<ResourceIndex, &'a str> {
    let translation = &component.translation.component;
    let instances = translation.export_items.values().filter_map(|item| match item {
        Export::Instance { exports, .. } => Some(exports),
        _ => None,
    });
    let names = [&translation.exports].into_iter().chain(instances).flat_map(|exports| exports.raw_iter());
    names
        .filter_map(|(name, (index, _))| match translation.export_items[*index] {
            Export::Type(TypeDef::Resource(table)) => match component.types[table] {
                TypeResourceTable::Concrete { ty, .. } => Some((ty, &**name)),
                TypeResourceTable::Abstract(_) => None,
            },
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for name in ["wasi:io/poll@0.2.0", "wasi:io/poll@0.2.12", "wasi:io/poll@0.2.3+build.7"] {
            assert_eq!(wasi_interface(name), Some("wasi:io/poll"), "{name}");
        }
        for name in
            ["wasi:io/poll", "wasi:io/poll@0.3.0", "wasi:io/poll@0.2.0-rc-2024-01-16", "wasi:io/poll@1.0.2"]
        {
            assert_eq!(wasi_interface(name), None, "{name}");
        }
    }
}
