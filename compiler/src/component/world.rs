//! What a component imports and exports, for listings: its world, as WIT declares it, but of the imported functions only
//! those that are used.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use wasmtime_environ::component::{
    Export, ImportIndex, RuntimeImportIndex, TypeComponentInstanceIndex, TypeDef, TypeFuncIndex,
};

use super::Component;
use super::exports::{self, ExportedFunction};
use super::host::{self, Lowered, Provider};
use super::names::{self, Exported};
use super::service;
use super::wit::Wit;

/// An interface, or what isn't in one.
pub struct Interface<'c> {
    /// Its name and version; none for what the world itself declares.
    pub name: Option<&'c str>,
    pub functions: Vec<Function<'c>>,
}

/// A function of an interface.
pub struct Function<'c> {
    pub name: Cow<'c, str>,
    /// Its type, as WIT declares it.
    pub declaration: String,
    /// Whether a program can call it.
    pub is_provided: bool,
}

/// The imports.
pub fn imports<'c>(component: &'c Component<'_>) -> Vec<Interface<'c>> {
    let items = &component.translation.component;
    let mut used: BTreeMap<ImportIndex, BTreeMap<RuntimeImportIndex, TypeFuncIndex>> = BTreeMap::new();
    for Lowered { import, ty, .. } in host::lowered(component) {
        used.entry(items.imports[import].0).or_default().insert(import, ty);
    }
    let (host, plain) = (Wit::host(component), Wit::plain(component));
    let is_server = service::is_server(component);
    let mut interfaces = Vec::new();
    for (index, (name, item)) in &items.import_types {
        let (name, wit) = match item.ty {
            TypeDef::ComponentInstance(ty) => (Some(&**name), &in_instance(component, &plain, name, ty)),
            TypeDef::ComponentFunc(_) => (None, &plain),
            _ => continue,
        };
        let function = |(import, ty)| Function {
            name: names::import(component, import).1,
            declaration: wit.declaration(ty),
            is_provided: matches!(
                host::find(component, is_server, &host, import, ty),
                Ok(Provider::Function(_))
            ),
        };
        let functions = used.remove(&index).into_iter().flatten().map(function).collect();
        interfaces.push(Interface { name, functions });
    }
    interfaces
}

/// The exported functions.
pub fn exports<'c>(component: &'c Component<'_>) -> Vec<Interface<'c>> {
    let plain = Wit::plain(component);
    let mut instances = HashMap::new();
    for Exported { name, item, .. } in names::exports(component) {
        if let Export::Instance { ty, .. } = item {
            instances.insert(name, in_instance(component, &plain, name, *ty));
        }
    }
    let mut interfaces: Vec<Interface<'c>> = Vec::new();
    for ExportedFunction { instance, name, ty, .. } in exports::functions(component) {
        let wit = instance.and_then(|instance| instances.get(instance)).unwrap_or(&plain);
        let function = Function { name: name.into(), declaration: wit.declaration(ty), is_provided: true };
        match interfaces.last_mut() {
            Some(last) if last.name == instance => last.functions.push(function),
            _ => interfaces.push(Interface { name: instance, functions: vec![function] }),
        }
    }
    interfaces
}

/// How types are written in an instance.
fn in_instance<'c>(
    component: &'c Component<'_>,
    plain: &Wit<'c>,
    name: &'c str,
    ty: TypeComponentInstanceIndex,
) -> Wit<'c> {
    plain.in_interface(name, component.types[ty].exports.iter().map(|(name, item)| (&**name, item.ty)))
}
