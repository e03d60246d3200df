//! Host functions, as components import them: which function of the runtime each imported function is. Imports are
//! found by the interface's name and any version 0.2, and by their own name, and then compared by type.

use std::collections::BTreeSet;

use cranelift_entity::{PrimaryMap, SecondaryMap};
use wasm_aot_abi::wasi2::{self, Symbol};
use wasmtime_environ::component::{
    GlobalInitializer, LoweredIndex, RuntimeImportIndex, Trampoline, TypeFuncIndex,
};

use super::wit::Wit;
use super::{Component, names};
use crate::program::{LinkError, UnknownImport};

/// The package of interfaces that aren't implemented yet, but which components import that don't use them.
const UNSUPPORTED: &str = "wasi:http/";

/// What provides an imported function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HostImport {
    /// The function of the runtime with this symbol.
    Function { symbol: String },
    /// Nothing yet: a call traps with this name.
    Unsupported { name: String },
    /// Nothing.
    #[default]
    Unknown,
}

/// What provides each imported function that the component lowers.
///
/// # Errors
/// Lists the imports that nothing provides, or names the one whose type isn't the host's. Both are `Unknown` with
/// `trap_unknown_imports`.
pub fn bind(
    component: &Component<'_>,
    trap_unknown_imports: bool,
) -> Result<SecondaryMap<LoweredIndex, HostImport>, LinkError> {
    let mut lowered = PrimaryMap::<LoweredIndex, RuntimeImportIndex>::new();
    for step in &component.translation.component.initializers {
        if let GlobalInitializer::LowerImport { import, .. } = step {
            lowered.push(*import);
        }
    }
    let mut bound = SecondaryMap::new();
    let mut unknown = BTreeSet::new();
    for trampoline in component.translation.trampolines.values() {
        let Trampoline::LowerImport { index, lower_ty, .. } = trampoline else { continue };
        bound[*index] = match find(component, lowered[*index], *lower_ty) {
            Err(_) if trap_unknown_imports => HostImport::Unknown,
            found => found?,
        };
        if bound[*index] == HostImport::Unknown {
            unknown.insert(lowered[*index]);
        }
    }
    if unknown.is_empty() || trap_unknown_imports {
        return Ok(bound);
    }
    let describe = |import| {
        let (module, name) = names::import(component, import);
        UnknownImport { module: module.to_owned(), name: name.into_owned(), kind: "function" }
    };
    Err(LinkError::Unknown(unknown.into_iter().map(describe).collect()))
}

/// What provides an imported function of a type.
///
/// # Errors
/// If the host's function has another type.
pub fn find(
    component: &Component<'_>,
    import: RuntimeImportIndex,
    ty: TypeFuncIndex,
) -> Result<HostImport, LinkError> {
    let (versioned, name) = names::import(component, import);
    let Some(interface) = names::wasi_interface(versioned) else { return Ok(HostImport::Unknown) };
    if interface.starts_with(UNSUPPORTED) {
        return Ok(HostImport::Unsupported { name: format!("{versioned}#{name}") });
    }
    let Some(function) = wasi2::find(interface).and_then(|interface| interface.function(&name)) else {
        return Ok(HostImport::Unknown);
    };
    let wanted = Wit::host(component).signature(ty);
    if wanted != function.ty {
        return Err(LinkError::Incompatible {
            module: versioned.to_owned(),
            reason: format!(
                "the host's function is {}, not {wanted}\n\
                 it can be made to trap when called: --trap-unknown-imports",
                function.ty
            ),
            name: name.into_owned(),
        });
    }
    Ok(HostImport::Function { symbol: Symbol { interface, function: &name }.to_string() })
}
