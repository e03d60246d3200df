//! What a component's imports and exports are called.

use std::borrow::Cow;
use std::collections::HashMap;

use wasm_aot_abi::wasi2::ResourceKind;
use wasmtime_environ::component::{
    Export, ExportIndex, ResourceIndex, RuntimeImportIndex, TypeDef, TypeResourceTable,
};

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
    interface_of(name, "0.2.")
}

/// The same for WASI 0.3.
pub fn wasi3_interface(name: &str) -> Option<&str> {
    interface_of(name, "0.3.")
}

/// The name of an interface without its version, if that begins so.
fn interface_of<'n>(name: &'n str, minor: &str) -> Option<&'n str> {
    let (interface, version) = name.split_once('@')?;
    let rest = version.strip_prefix(minor)?;
    let (patch, _build) = rest.split_once('+').unwrap_or((rest, ""));
    patch.bytes().all(|digit| digit.is_ascii_digit()).then_some(interface)
}

/// Whether an interface is of a release candidate of WASI 0.3.
pub fn is_candidate(name: &str) -> bool {
    let version = name.strip_prefix("wasi:").and_then(|name| name.split_once('@'));
    version.is_some_and(|(_, version)| version.starts_with("0.3.") && version.contains("-rc"))
}

/// The host's kind of a resource, if the host has such a kind.
pub fn resource_kind(component: &Component<'_>, resource: ResourceIndex) -> Option<ResourceKind> {
    let imported = &component.translation.component.imported_resources;
    let (interface, name) = import(component, *imported.get(resource)?);
    if let Some(interface) = wasi_interface(interface) {
        return ResourceKind::find(interface, &name);
    }
    // Of 0.3, those that are the same.
    let kind = ResourceKind::find(wasi3_interface(interface)?, &name);
    kind.filter(|kind| matches!(kind, ResourceKind::TerminalInput | ResourceKind::TerminalOutput))
}

/// What a component exports.
#[derive(Clone, Copy)]
pub struct Exported<'c> {
    /// The exported instance that it is in, if it is in one.
    pub instance: Option<&'c str>,
    pub name: &'c str,
    pub item: &'c Export,
}

/// What a component exports, and what is in the instances that it exports, in the order in which it declares them.
pub fn exports<'c>(component: &'c Component<'_>) -> Vec<Exported<'c>> {
    let items = &component.translation.component;
    let mut all = Vec::new();
    for (name, (index, _)) in items.exports.raw_iter() {
        let item = &items.export_items[*index];
        all.push(Exported { instance: None, name, item });
        let Export::Instance { ty, exports } = item else { continue };
        // The front end has them in no particular order; the type has them in that of the component.
        let indices: HashMap<&str, ExportIndex> =
            exports.raw_iter().map(|(inner, (index, _))| (&**inner, *index)).collect();
        let declared =
            component.types[*ty].exports.keys().filter_map(|inner| Some((inner, indices.get(&**inner)?)));
        all.extend(declared.map(|(inner, index)| Exported {
            instance: Some(name),
            name: inner,
            item: &items.export_items[*index],
        }));
    }
    all
}

/// The names by which the component exports resources: of several, the first one.
pub fn exported_resources<'a>(component: &'a Component<'_>) -> HashMap<ResourceIndex, &'a str> {
    let mut names = HashMap::new();
    for Exported { name, item, .. } in exports(component) {
        if let Export::Type(TypeDef::Resource(table)) = item
            && let TypeResourceTable::Concrete { ty, .. } = component.types[*table]
        {
            names.entry(ty).or_insert(name);
        }
    }
    names
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
        for name in ["wasi:io/poll@0.3.0", "wasi:io/poll@0.3.11+build.7"] {
            assert_eq!(wasi3_interface(name), Some("wasi:io/poll"), "{name}");
        }
        assert_eq!(wasi3_interface("wasi:io/poll@0.3.0-rc-2025-09-16"), None);
        assert!(is_candidate("wasi:io/poll@0.3.0-rc-2025-09-16"));
        assert!(!is_candidate("wasi:io/poll@0.2.0-rc-2024-01-16"));
    }
}
