//! What a component imports and exports, for listings: its world, as WIT declares it, but of the imported functions only
//! those that are used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wasmtime_environ::component::{
    Export, RuntimeImportIndex, TypeComponentInstanceIndex, TypeDef, TypeFuncIndex,
};

use super::host::{self, HostImport, Lowered};
use super::wit::Wit;
use super::{Component, exports, names};

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
    let lowered = host::lowered(component).into_iter();
    let used: BTreeMap<_, _> = lowered.map(|Lowered { import, ty, .. }| (import, ty)).collect();
    let mut interfaces = Vec::new();
    for (index, (name, item)) in &items.import_types {
        let (name, wit) = match item.ty {
            TypeDef::ComponentInstance(ty) => (Some(&**name), of_instance(component, name, ty)),
            TypeDef::ComponentFunc(_) => (None, Wit::plain(component)),
            _ => continue,
        };
        let used = used.iter().filter(|(import, _)| items.imports[**import].0 == index);
        let functions = used.map(|(import, ty)| imported(component, &wit, *import, *ty)).collect();
        interfaces.push(Interface { name, functions });
    }
    interfaces
}

fn imported<'c>(
    component: &'c Component<'_>,
    wit: &Wit<'_>,
    import: RuntimeImportIndex,
    ty: TypeFuncIndex,
) -> Function<'c> {
    let (_, name) = names::import(component, import);
    let is_provided = matches!(host::find(component, import, ty), Ok(HostImport::Function(_)));
    Function { name, declaration: wit.declaration(ty), is_provided }
}

/// The exported functions.
pub fn exports<'c>(component: &'c Component<'_>) -> Vec<Interface<'c>> {
    let items = &component.translation.component;
    let mut interfaces: Vec<Interface<'c>> = Vec::new();
    for function in exports::functions(component) {
        let exported = function.instance.and_then(|name| {
            let mut exports = items.exports.raw_iter().filter(|(exported, _)| ***exported == *name);
            let (_, (index, _)) = exports.next()?;
            match &items.export_items[*index] {
                Export::Instance { ty, .. } => Some(of_instance(component, name, *ty)),
                _ => None,
            }
        });
        let wit = exported.unwrap_or_else(|| Wit::plain(component));
        let shown = Function {
            name: function.name.into(),
            declaration: wit.declaration(function.ty),
            is_provided: true,
        };
        match interfaces.last_mut() {
            Some(last) if last.name == function.instance => last.functions.push(shown),
            _ => interfaces.push(Interface { name: function.instance, functions: vec![shown] }),
        }
    }
    interfaces
}

/// How types are written in an instance.
fn of_instance<'c>(component: &'c Component<'_>, name: &'c str, ty: TypeComponentInstanceIndex) -> Wit<'c> {
    let items = component.types[ty].exports.iter().map(|(name, item)| (&**name, item.ty));
    Wit::interface(component, name, items)
}
